// Text tables in docker's layout: each column as wide as its widest cell, at least 10 wide, 3 spaces between, no
// spaces after the last cell. Control characters in cells become visible.
import { displayWidth, escapeControl } from "./text.ts";

const minimumWidth = 10;
const gap = 3;

/** Lines of cells, header first if there is one; ends with a new line unless there are no lines. */
export function renderTable(header: readonly string[] | undefined, rows: readonly (readonly string[])[]): string {
  const lines = (header ? [header.map((title) => title.toUpperCase()), ...rows] : rows).map((row) => row.map(escapeControl));
  return layoutTable(lines);
}

/** Cells as they are. */
export function layoutTable(lines: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  /** Measured once: of all cells but the last ones, line after line. */
  const measured: number[] = [];
  for (const line of lines) {
    // As in Go's tabwriter the last cell of a line is not part of a column.
    for (let i = 0; i < line.length - 1; i++) {
      const width = displayWidth(line[i] ?? "");
      measured.push(width);
      if (width + gap > (widths[i] ?? minimumWidth)) widths[i] = width + gap;
      else widths[i] ??= minimumWidth;
    }
  }
  let text = "";
  let at = 0;
  for (const line of lines) {
    const last = line.length - 1;
    let row = "";
    for (let i = 0; i < last; i++) row += (line[i] ?? "") + " ".repeat((widths[i] ?? 0) - (measured[at++] ?? 0));
    text += `${(row + (line[last] ?? "")).trimEnd()}\n`;
  }
  return text;
}
