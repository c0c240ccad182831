// Text tables in docker's layout: each column as wide as its widest cell, at least 10 wide, 3 spaces between, no
// spaces after the last cell. Control characters in cells become visible.
import { displayWidth, escapeControl } from "./text.ts";

const minimumWidth = 10;
const gap = 3;

/** Lines of cells, header first if there is one; ends with a new line unless there are no lines. */
export function renderTable(header: readonly string[] | undefined, rows: readonly (readonly string[])[]): string {
  const visible = perColumn(escapeControl);
  return layoutTable((header ? [header.map((title) => title.toUpperCase()), ...rows] : rows).map((row) => row.map(visible)));
}

/** What `body` makes of a cell. Most cells of long tables are what stands above them: those are not asked again. */
function perColumn<T>(body: (cell: string) => T): (cell: string, column: number) => T {
  const above: string[] = [];
  const made: T[] = [];
  return (cell, column) => {
    if (above[column] === cell) return made[column] as T;
    above[column] = cell;
    made[column] = body(cell);
    return made[column];
  };
}

/** Cells as they are. */
export function layoutTable(lines: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  const widthOf = perColumn(displayWidth);
  for (const line of lines) {
    // As in Go's tabwriter the last cell of a line is not part of a column.
    for (let i = 0; i < line.length - 1; i++) {
      const width = widthOf(line[i] ?? "", i) + gap;
      if (width > (widths[i] ?? minimumWidth)) widths[i] = width;
      else widths[i] ??= minimumWidth;
    }
  }
  const padded = widths.map((width) => perColumn((cell) => cell + " ".repeat(Math.max(width - displayWidth(cell), 0))));
  let text = "";
  for (const line of lines) {
    const last = line.length - 1;
    let row = "";
    for (let i = 0; i < last; i++) row += padded[i]?.(line[i] ?? "", i) ?? "";
    text += `${(row + (line[last] ?? "")).trimEnd()}\n`;
  }
  return text;
}
