import t from "tap";
import type { Line } from "../../../tui/draw/cell.ts";
import { type Cell, fillRow, type Row } from "../../../tui/screen/sheet.ts";
import { plainAttribute, themeOf } from "../../../tui/screen/theme.ts";

const theme = themeOf({ isUnicode: true, colours: 256, isLight: false });
const empty = (columns: number): Row => Array.from({ length: columns }, (): Cell => [plainAttribute, " "]);

/** Characters of the cells; `|` between them. */
function cells(line: Line, { columns = 8, isUnicode = true } = {}): string {
  const row = empty(columns);
  fillRow(row, empty(columns), line, theme, isUnicode);
  t.equal(row.length, columns, "no cell more, none less");
  return row.map(([, character]) => character.replace(/\x1b\[(\d+)G$/, "<$1")).join("|");
}

t.test("one character a cell, blanks behind", async (t) => {
  t.equal(cells([{ text: "ab" }, { text: "c", role: "bad" }]), "a|b|c| | | | | ");
  t.equal(cells([{ text: "longer than it" }]), "l|o|n|g|e|r| |t");
});

t.test("wide characters take two cells, and none is cut in half", async (t) => {
  t.equal(cells([{ text: "漢字a" }]), "漢<3||字<5||a| | | ");
  t.equal(cells([{ text: "abcdefg漢" }]), "a|b|c|d|e|f|g| ");
  t.equal(cells([{ text: "漢" }], { columns: 1 }), " ");
});

t.test("marks go with their character, a few of them", async (t) => {
  t.equal(cells([{ text: "e\u0301a" }]), "e\u0301<2|a| | | | | | ");
  t.equal(cells([{ text: `a${"\u0301".repeat(20)}` }], { columns: 2 }), `a${"\u0301".repeat(4)}<2| `);
  t.equal(cells([{ text: "\u0301" }], { columns: 2 }), " | ", "one without a character");
  t.equal(cells([{ text: "a\u200d\ufe0fb" }], { columns: 3 }), "a|b| ", "joiners change nothing");
});

t.test("the cursor is put right behind what terminals count differently", async (t) => {
  t.equal(cells([{ text: "●x│" }], { columns: 4 }), "●<2|x|│| ");
});

t.test("what would act on the terminal is words", async (t) => {
  t.equal(cells([{ text: "\x1b[31m\x07" }], { columns: 12 }), "\\|x|1|b|[|3|1|m|\\|x|0|7");
});

t.test("ASCII alone", async (t) => {
  t.equal(cells([{ text: "a漢e\u0301…→" }], { isUnicode: false }), "a|?|?|e|~|>| | ");
});

t.test("only what differs makes a row dirty; both halves of a wide character are written or none", async (t) => {
  const row = empty(6);
  const shown = empty(6);
  const fill = (text: string) => {
    row.dirty = false;
    fillRow(row, shown, [{ text }], theme, true);
    return row.dirty;
  };
  t.equal(fill("漢字"), true);
  for (const [at, cell] of row.entries()) shown[at] = [...cell];
  t.equal(fill("漢字"), false);
  t.equal(fill("漢語"), true);
  t.equal(shown[1]?.[1], "", "the unchanged one's is as it was");
  t.equal(shown[3]?.[1], "\0", "the changed one's second half is written again");
});
