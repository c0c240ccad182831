// Text tables in docker's layout: each column as wide as its widest cell, at least 10 wide, 3 spaces between, no
// spaces after the last cell. Control characters in cells become visible.
import { displayWidth, escapeControl } from "./text.ts";

const minimumWidth = 10;
const gap = 3;

/** Lines of cells, header first if there is one; ends with a new line unless there are no lines. */
export function renderTable(header: readonly string[] | undefined, rows: readonly (readonly string[])[]): string {
  const lines = header ? [header.map((title) => title.toUpperCase()), ...rows] : rows;
  // Most cells of a long table are what stands above them: those are not asked again.
  const above: string[] = [];
  const visible: string[] = [];
  return layoutTable(
    lines.map((line) => {
      let isSame = true;
      for (let i = 0; i < line.length; i++) {
        const cell = line[i] ?? "";
        if (cell !== above[i]) {
          above[i] = cell;
          visible[i] = escapeControl(cell);
        }
        if (visible[i] !== cell) isSame = false;
      }
      return isSame ? line : line.map(escapeControl);
    }),
  );
}

/** Cells as they are. */
export function layoutTable(lines: readonly (readonly string[])[]): string {
  const widths = columnWidths(lines);
  const above: string[] = [];
  const padded: string[] = [];
  let text = "";
  for (const line of lines) {
    const last = line.length - 1;
    let row = "";
    for (let i = 0; i < last; i++) {
      const cell = line[i] ?? "";
      if (cell !== above[i]) {
        above[i] = cell;
        padded[i] = cell + " ".repeat((widths[i] ?? 0) - displayWidth(cell));
      }
      row += padded[i];
    }
    text += `${(row + (line[last] ?? "")).trimEnd()}\n`;
  }
  return text;
}

/** As in Go's tabwriter the last cell of a line is not part of a column. */
function columnWidths(lines: readonly (readonly string[])[]): readonly number[] {
  const widths: number[] = [];
  const above: string[] = [];
  for (const line of lines) {
    for (let i = 0; i < line.length - 1; i++) {
      const cell = line[i] ?? "";
      if (cell === above[i]) continue;
      above[i] = cell;
      widths[i] = Math.max(widths[i] ?? minimumWidth, displayWidth(cell) + gap);
    }
  }
  return widths;
}
