import t from "tap";
import { displayWidth, ellipsis, escapeControl, escapeControlExceptLayout, nearest, renderJson } from "../../src/base/text.ts";

t.test("control characters become visible", async (t) => {
  t.equal(escapeControl("plain ünï 漢"), "plain ünï 漢");
  t.equal(escapeControl("\x1b[31mred\x07\n\t\r\x7f\x9b1m"), "\\x1b[31mred\\x07\\n\\t\\r\\x7f\\x9b1m");
  t.equal(escapeControl("a\u202eb\u2066c"), "a\\u202eb\\u2066c");
  t.equal(escapeControlExceptLayout("a\tb\n\x1b"), "a\tb\n\\x1b");
});

t.test("JSON keeps its value and carries nothing a terminal interprets", async (t) => {
  const value = { name: "\x1b\x7f\x9b\u202e", list: [1, null] };
  const text = renderJson(value);
  t.notMatch(text, /[\x00-\x1f\x7f-\x9f\u202e]/);
  t.same(JSON.parse(text), value);
  t.equal(renderJson(undefined), "null");
  t.equal(renderJson({ a: 1 }, 2), '{\n  "a": 1\n}');
});

t.test("width counts columns", async (t) => {
  t.same(["abc", "漢字", "é", "e\u0301", "🙂"].map(displayWidth), [3, 4, 1, 1, 2]);
});

t.test("an ellipsis takes the place of the last character", async (t) => {
  t.equal(ellipsis("abcdef", 6), "abcdef");
  t.equal(ellipsis("abcdefg", 6), "abcde…");
  t.equal(ellipsis("abc", 1), "a");
});

t.test("the nearest word is offered, a far one is not", async (t) => {
  const words = ["memory", "memory-swap", "name", "network", "rm"];
  t.same(nearest("memroy", words), ["memory"]);
  t.same(nearest("nmae", words), ["name"]);
  t.same(nearest("netwrok", words), ["network"]);
  t.same(nearest("zzzzzz", words), []);
  t.same(nearest("x", words), []);
});
