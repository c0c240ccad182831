// A drawing as blessed's cells. Wide characters take two, combining marks go with the character before, and where a terminal may count
// otherwise than this does, the cursor is put right behind them.
import { displayWidth } from "../../src/base/text.ts";
import { type Line, visible } from "../draw/cell.ts";
import type { Theme } from "./theme.ts";

/** A cell as blessed keeps it. */
export type Cell = [attribute: number, character: string];
export type Row = Cell[] & { dirty?: boolean };

/** Terminals agree on the width of these. */
const certain = /^[\x20-\x7e\xa1-\u02ff\u0370-\u03ff\u0400-\u04ff\u2010-\u203a\u2190-\u2193\u2500-\u259f\u2800-\u28ff]$/;

/** What common signs become where there is ASCII alone. */
const plainSigns: Readonly<Record<string, string>> = {
  "…": "~",
  "–": "-",
  "—": "-",
  "‘": "'",
  "’": "'",
  "“": '"',
  "”": '"',
  "→": ">",
  "·": ".",
  "•": "*",
};

const isPlain = (character: string): boolean => character >= " " && character <= "~";

/** Of a character's marks as many as make sense; the rest would only cost. */
const mostMarks = 4;

/** Writes a line into a row; only what differs makes it dirty. `shown`: blessed's own row of what the terminal shows. */
export function fillRow(row: Row, shown: Row | undefined, spans: Line, look: Theme, isUnicode: boolean): void {
  let column = 0;
  let marks = 0;
  let cell: Cell | undefined;
  const put = (attribute: number, character: string): boolean => {
    cell = row[column++];
    if (!cell || (cell[0] === attribute && cell[1] === character)) return false;
    cell[0] = attribute;
    cell[1] = character;
    row.dirty = true;
    return true;
  };
  const putWide = (attribute: number, character: string) => {
    const behind = column + 2;
    const [isChanged, second] = [put(attribute, `${character}\x1b[${behind + 1}G`), shown?.[column]];
    // Both halves are written or none: what follows would else stand one column off.
    if (isChanged && second) {
      second[1] = "\0";
      row.dirty = true;
    }
    put(attribute, "");
  };
  for (const { text, role, raw } of spans) {
    const attribute = look.attributeOf(role, raw);
    for (const character of visible(text)) {
      if (isPlain(character)) {
        if (column < row.length) put(attribute, character);
        marks = 0;
        continue;
      }
      const width = displayWidth(character);
      if (width === 0) {
        // Joiners and selectors change how wide terminals think the rest is.
        if (
          isUnicode &&
          cell &&
          column < row.length &&
          ++marks <= mostMarks &&
          /^\p{M}$/u.test(character) &&
          !/[\ufe00-\ufe0f]/.test(character)
        )
          addMark(row, cell, character, column);
        continue;
      }
      if (column + width > row.length) continue;
      marks = 0;
      if (!isUnicode) for (let at = 0; at < width; at++) put(attribute, plainSigns[character] ?? "?");
      else if (width === 2) putWide(attribute, character);
      else put(attribute, certain.test(character) ? character : `${character}\x1b[${column + 2}G`);
    }
  }
  while (column < row.length) put(look.attributeOf(undefined, undefined), " ");
}

function addMark(row: Row, cell: Cell, mark: string, column: number): void {
  cell[1] = `${cell[1].replace(/\x1b\[\d+G$/, "")}${mark}\x1b[${column + 1}G`;
  row.dirty = true;
}
