import fc from "fast-check";
import t from "tap";
import { type Folded, foldOutput, lastLine, nothingFolded } from "../../../tui/model/fold.ts";

const folded = (...chunks: readonly string[]): Folded => chunks.reduce(foldOutput, nothingFolded);

t.test("output becomes the lines that a terminal would show", async (t) => {
  for (const [text, lines] of [
    ["one\ntwo\n", ["one", "two"]],
    ["one\n\ntwo", ["one", "", "two"]],
    ["10 %\r20 %\r30 %\n", ["30 %"]],
    ["long line\rlo\n", ["long line"]],
    ["long line\r\x1b[Klo\n", ["lo"]],
    ["a: pulling\nb: pulling\n\x1b[2A\x1b[2Ka: done\n\x1b[2Kb: done\n", ["a: done", "b: done"]],
    ["\x1b[1;31mred\x1b[0m\n", ["red"]],
    ["\x1b]0;title\x07text\x1b]8;;http://x\x1b\\link", ["textlink"]],
    ["ab\b\bX\n", ["Xb"]],
    ["one\ntwo\x1b[2J\x1b[Hnew", ["new"]],
    ["ab\x1b[3Cc\x1b[1Gx\x1b[1D\x1b[1By", ["xb   c", "y"]],
    ["\x1b(Btext\x1b7", ["text"]],
    ["one\ntwo\nthree\x1b[2A\r\x1b[J", [""]],
  ] as const) {
    t.same(folded(text).lines, lines, JSON.stringify(text));
  }
  t.equal(lastLine(folded("one\ntwo  \n\n")), "two");
  t.equal(lastLine(nothingFolded), "");
});

t.test("it is bounded", async (t) => {
  const many = folded(...Array.from({ length: 30 }, (_, at) => `${at}\n`.repeat(100)));
  t.equal(many.lines.length, 2000);
  t.equal(many.dropped, 1000);
  t.equal(many.lines.at(-1), "29");
  t.equal(folded("x".repeat(10_000)).lines[0]?.length, 2000);
  const wide = folded(`${"x".repeat(1000)}\n`.repeat(1000), "end");
  t.equal(wide.lines.length, 131);
  t.equal(wide.lines[wide.row], "end");
  t.same(folded(`\x1b]${"x".repeat(5000)}`, "y").rest, "", "a sequence that never ends is given up");
});

t.test("it does not matter how it comes", async (t) => {
  const piece = fc.constantFrom(
    "a",
    "bc",
    "世",
    "\n",
    "\r",
    "\b",
    "\x1b[A",
    "\x1b[2K",
    "\x1b[31m",
    "\x1b]0;t\x07",
    "\x1b[5D",
    "\x1b[J",
    "\x1bM",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), fc.array(fc.nat(100), { maxLength: 6 }), (pieces, cuts) => {
      const text = pieces.join("");
      const places = [0, ...cuts.map((cut) => Math.min(cut, text.length)).sort((one, other) => one - other), text.length];
      const chunks = places.slice(1).map((to, at) => text.slice(places[at], to));
      t.strictSame(folded(...chunks).lines, folded(text).lines);
      return folded(text).lines.every((line) => !/[\x1b\r\n\b]/.test(line));
    }),
    { numRuns: 200 },
  );
});
