import t from "tap";
import { parseStyled, plainOf } from "../../../src/container/log/styled.ts";

const own = { foreground: -1, background: -1 };

t.test("colours become pieces", async (t) => {
  t.same(parseStyled("\x1b[31mred\x1b[0m plain \x1b[1;38;5;200mx"), {
    text: "red plain x",
    pieces: [
      { from: 0, style: { ...own, foreground: 1 } },
      { from: 3, style: undefined },
      { from: 10, style: { ...own, foreground: 200, bold: true } },
    ],
  });
  t.same(parseStyled("\x1b[97;100mx").pieces, [{ from: 0, style: { foreground: 15, background: 8 } }]);
  t.same(parseStyled("\x1b[38;2;255;0;0mx").pieces, [{ from: 0, style: { ...own, foreground: 196 } }], "the nearest of 256");
  t.same(parseStyled("\x1b[4;7mx\x1b[24;27my").pieces, [
    { from: 0, style: { ...own, underline: true, inverse: true } },
    { from: 1, style: undefined },
  ]);
  t.same(parseStyled("plain"), { text: "plain", pieces: [] });
});

t.test("what else acts on a terminal is left out or seen", async (t) => {
  t.equal(plainOf("a\x1b[2Jb\x1b]0;title\x07c\x1b(Bd\x1bPq\x1b\\e"), "abcde");
  t.equal(plainOf("a\x07\x00\x9b"), "a\\x07\\x00\\x9b");
  t.equal(plainOf("a\x1b"), "a\\x1b");
  t.equal(plainOf("\u202eabc"), "\\u202eabc");
});

t.test("of a line that is written over the last state stays", async (t) => {
  t.equal(plainOf("1%\r50%\r100%\r"), "100%");
  t.equal(plainOf("windows\r"), "windows");
});

t.test("tabs are columns of eight", async (t) => {
  t.equal(plainOf("a\tb\t\tc"), "a       b               c");
});
