// What containers write, on its way to the screen: whatever the bytes, no character that acts on a terminal is in a cell, no row is too
// long, and what is matched is what is seen.
import fc from "fast-check";
import t from "tap";
import { levelOf } from "../../src/container/log/level.ts";
import { compilePattern, hasMatch, matchesOf } from "../../src/container/log/pattern.ts";
import { parseStyled } from "../../src/container/log/styled.ts";
import { boundMatching } from "../../src/engine/live/matching.ts";
import { widthOf } from "../../tui/draw/cell.ts";
import { asciiGlyphs, unicodeGlyphs } from "../../tui/draw/glyph.ts";
import { chunkText, prettyJson } from "../../tui/tab/log/detail.ts";
import { heightOfLine, type RowLook, rowsOfLine } from "../../tui/tab/log/row.ts";
import { makeLine } from "../fixture/log-line.ts";

const numRuns = 300;
boundMatching();

/** C0, DEL, C1, and what reorders a line. */
const acting = /[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

const sequence = fc.constantFrom(
  "\x1b[31m",
  "\x1b[0m",
  "\x1b[2J",
  "\x1b]0;x\x07",
  "\x1b[",
  "\x1bP",
  "\x9b",
  "\r",
  "\t",
  "\x1b",
  "level=error ",
  "日",
  "\u0301",
  "{",
  "}",
);
const text = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString("utf8")),
  fc.array(fc.oneof(sequence, fc.string({ unit: "binary", maxLength: 12 })), { maxLength: 20 }).map((parts) => parts.join("")),
);

const look: fc.Arbitrary<RowLook> = fc.record({
  columns: fc.integer({ min: 1, max: 90 }),
  mostRows: fc.integer({ min: 1, max: 6 }),
  isWrapped: fc.boolean(),
  shift: fc.nat(40),
  time: fc.constantFrom("none" as const, "relative" as const, "local" as const),
  names: fc.constantFrom<readonly string[]>([], ["web", "\x1b[2Jdb"]),
  pattern: fc.constantFrom(...["a", "error", "[^x]+", "."].map(compilePattern)).map((pattern) => {
    if (typeof pattern === "string") throw new Error(pattern);
    return pattern;
  }),
  nowMs: fc.constant(Date.UTC(2026, 0, 2, 12)),
  glyphs: fc.constantFrom(asciiGlyphs, unicodeGlyphs),
});

t.test("lines as rows", async (t) => {
  fc.assert(
    fc.property(text, look, fc.boolean(), fc.boolean(), (raw, given, isNotice, isCut) => {
      const line = makeLine(raw, 0, { ...(isNotice ? { isNotice } : {}), ...(isCut ? { isCut } : {}) });
      const rows = rowsOfLine(line, true, given);
      if (rows.length !== heightOfLine(line, given) || rows.length > Math.max(given.mostRows, 1)) throw new Error(`${rows.length} rows`);
      for (const row of rows) {
        // Before the text stand signs, time and name, which a screen that narrow has no room for.
        if (given.columns >= 60 && widthOf(row) > given.columns) throw new Error(`${widthOf(row)} of ${given.columns}`);
        // A name is made visible where it is put into columns.
        for (const { text: cell } of row) if (acting.test(cell)) throw new Error(JSON.stringify(cell));
      }
    }),
    { numRuns },
  );
  t.pass();
});

t.test("text, level, pieces of any bytes", async (t) => {
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 80 }), (raw, columns) => {
      const styled = parseStyled(raw);
      if (acting.test(styled.text)) throw new Error(JSON.stringify(styled.text));
      let before = -1;
      for (const { from } of styled.pieces) {
        if (from <= before || from >= styled.text.length) throw new Error(`piece at ${from}`);
        before = from;
      }
      levelOf(styled.text);
      if (chunkText(styled.text, columns).join("") !== styled.text) throw new Error("a part is lost");
      for (const row of prettyJson(styled.text) ?? []) if (acting.test(row)) throw new Error(JSON.stringify(row));
    }),
    { numRuns },
  );
  t.pass();
});

t.test("patterns of any kind are taken or refused, and end", async (t) => {
  const part = fc.constantFrom(
    "a",
    "(",
    ")",
    "[",
    "]",
    "{2}",
    "{20,}",
    "*",
    "+",
    "?",
    "|",
    "\\",
    "^",
    "$",
    ".",
    "x{1,30}",
    "(a+)+",
    "\\d",
    "A",
    "İ",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), text, (parts, searched) => {
      const pattern = compilePattern(parts.join(""));
      if (typeof pattern === "string") return;
      hasMatch(pattern, `${searched}${"a".repeat(60)}!`);
      for (const [from, to] of matchesOf(pattern, searched)) if (from >= to || to > searched.length) throw new Error(`${from} to ${to}`);
    }),
    { numRuns },
  );
  t.pass();
});
