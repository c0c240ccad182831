// A table as plain text in which every value is whole: columns that have no room stand below their row, by name. For scripts and screen
// readers. Pure.
import { displayWidth } from "../../src/base/text.ts";
import { type Line, line, visible } from "./cell.ts";
import type { Column } from "./table.ts";

const gap = "  ";
const indent = "    ";

interface Written {
  readonly title: string;
  readonly priority: number | undefined;
  readonly align: "left" | "right";
  /** Of each row. */
  readonly cells: readonly string[];
  readonly width: number;
}

function write<R>(column: Column<R>, rows: readonly R[], widest: number): Written {
  const cells = rows.map((row) => {
    const given = column.cell(row);
    const text = visible(typeof given === "string" ? given : given.text).trimEnd();
    // Nobody looks into it meanwhile.
    return text === "..." ? "-" : text;
  });
  const width = Math.max(displayWidth(column.title), ...cells.map((text) => Math.min(displayWidth(text), widest)));
  return { title: column.title, priority: column.priority, align: column.align ?? "left", cells, width };
}

/** Without the columns that may go, those that matter least first, until the rest has room. */
function fitting(columns: readonly Written[], width: number): ReadonlySet<Written> {
  const kept = new Set(columns);
  const need = () => [...kept].reduce((sum, column) => sum + column.width + gap.length, -gap.length);
  const going = columns
    .filter(({ priority }) => priority !== undefined)
    .toSorted((one, other) => (other.priority ?? 0) - (one.priority ?? 0));
  for (const column of going) {
    if (need() <= width) break;
    kept.delete(column);
  }
  return kept;
}

function aligned(text: string, { width, align }: Written): string {
  const padding = " ".repeat(Math.max(width - displayWidth(text), 0));
  return align === "left" ? text + padding : padding + text;
}

/** `TITLE: value` for each that says something, as many in a line as there is room for. */
function details(columns: readonly Written[], place: number, width: number): readonly string[] {
  const lines: string[] = [];
  for (const { title, cells } of columns) {
    const value = cells[place] ?? "";
    if (value === "" || value === "-") continue;
    const item = `${title}: ${value}`;
    const last = lines.at(-1);
    if (last !== undefined && displayWidth(last + gap + item) <= width) lines[lines.length - 1] = last + gap + item;
    else lines.push(indent + item);
  }
  return lines;
}

/** Heading and all rows; lines are longer than `width` only where a value is. */
export function renderWhole<R>(columns: readonly Column<R>[], rows: readonly R[], width: number): readonly Line[] {
  const written = columns.map((column) => write(column, rows, Math.floor(width / 2)));
  const kept = fitting(written, width);
  const [shown, away] = [written.filter((column) => kept.has(column)), written.filter((column) => !kept.has(column))];
  const heading = shown.map((column) => aligned(column.title, column)).join(gap);
  const body = rows.flatMap((_, place) => [
    shown.map((column) => aligned(column.cells[place] ?? "", column)).join(gap),
    ...details(away, place, width),
  ]);
  return [heading, ...body].map((text) => line(text.trimEnd()));
}
