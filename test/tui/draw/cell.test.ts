import t from "tap";
import { cutText, fillRows, fitLine, fitText, span, textOf } from "../../../tui/draw/cell.ts";

t.test("texts are fitted by the columns they take", async (t) => {
  t.equal(fitText("abc", 5, "~"), "abc  ");
  t.equal(fitText("abc", 5, "~", "right"), "  abc");
  t.equal(fitText("abcdef", 4, "~"), "abc~");
  t.equal(fitText("世界世界", 5, "~"), "世界~");
  t.equal(fitText("世界", 3, "~"), "世~");
  t.equal(cutText("世界", 3), "世");
  t.equal(fitText("\x1b[31mred", 40, "~").trimEnd(), "\\x1b[31mred", "nothing acts on a terminal");
});

t.test("lines are cut and filled", async (t) => {
  t.equal(textOf(fitLine([span("ab"), span("cd", "good")], 3)), "abc");
  t.equal(textOf(fitLine([span("ab")], 4)), "ab  ");
});

t.test("lines are filled up to so many rows, and none is taken away", async (t) => {
  const lines = [[span("a")], [span("b")]];
  t.same(fillRows(lines, 4), [...lines, [], []]);
  t.same(fillRows(lines, 1), lines);
  t.same(fillRows(lines, -1), lines);
});
