// Rows in columns, as lines: a heading, the rows that fit, the chosen one seen. Pure.
import { fitText, type Line, type Role, type Span, span } from "./cell.ts";
import type { Glyphs } from "./glyph.ts";

export interface Cell {
  readonly text: string;
  readonly role?: Role;
}

export interface Column<R> {
  readonly name: string;
  readonly title: string;
  /** Columns of the terminal it needs at least. */
  readonly least: number;
  /** Share of what is left over; 0 or absent: none. */
  readonly grows?: number;
  /** The lower, the longer it stays when there is no room; absent: always. */
  readonly priority?: number;
  readonly align?: "left" | "right";
  readonly cell: (row: R) => Cell | string;
}

export interface TableInput<R> {
  readonly columns: readonly Column<R>[];
  readonly rows: readonly R[];
  /** Place of the chosen row; -1: none. */
  readonly chosen: number;
  /** Place of the first row that is seen. */
  readonly top: number;
  readonly isMarked?: (row: R) => boolean;
  /** Name of the column that rows are sorted by. */
  readonly sorted?: { readonly column: string; readonly descending: boolean };
  readonly isFocused: boolean;
  readonly width: number;
  /** Of heading and rows together. */
  readonly height: number;
  readonly glyphs: Glyphs;
}

interface Placed<R> extends Column<R> {
  readonly width: number;
}

const gap = 1;
/** Signs before each row: chosen, marked. */
const margin = 2;

/** The columns that have room, with their widths. */
export function layoutColumns<R>(columns: readonly Column<R>[], width: number): readonly Placed<R>[] {
  const room = width - margin;
  const need = (kept: readonly Column<R>[]) => kept.reduce((sum, { least }) => sum + least + gap, -gap);
  let kept = [...columns];
  while (kept.length > 1 && need(kept) > room) {
    const last = Math.max(...kept.map(({ priority }) => priority ?? -1));
    if (last < 0) break;
    kept = kept.filter((column, place) => column.priority !== last || place !== kept.findLastIndex(({ priority }) => priority === last));
  }
  const spare = Math.max(room - need(kept), 0);
  const shares = kept.reduce((sum, { grows }) => sum + (grows ?? 0), 0);
  let given = 0;
  return kept
    .map((column) => {
      const more = shares === 0 ? 0 : Math.floor((spare * (column.grows ?? 0)) / shares);
      given += more;
      return { ...column, width: column.least + more };
    })
    .map((column, place, all) => {
      // What rounding left goes to the first that grows.
      const first = all.findIndex(({ grows }) => (grows ?? 0) > 0);
      return place === first ? { ...column, width: column.width + spare - given } : column;
    });
}

/** Without the first `shift` of those that may go: the others move up to where there is room. */
export function shiftColumns<R>(columns: readonly Column<R>[], shift: number): readonly Column<R>[] {
  const going = columns.filter(({ priority }) => priority !== undefined);
  const gone = new Set(going.slice(0, Math.min(shift, Math.max(going.length - 1, 0))));
  return columns.filter((column) => !gone.has(column));
}

/** Name of the column at a place of the heading; undefined between two and behind the last. */
export function columnAt<R>(columns: readonly Column<R>[], width: number, at: number): string | undefined {
  let from = margin;
  for (const { name, width: taken } of layoutColumns(columns, width)) {
    if (at >= from && at < from + taken) return name;
    from += taken + gap;
  }
  return undefined;
}

/** First row to be seen so that the chosen one is. */
export function scrollTo(top: number, chosen: number, height: number, count: number): number {
  const most = Math.max(count - height, 0);
  if (chosen < 0) return Math.min(Math.max(top, 0), most);
  return Math.min(Math.max(Math.min(top, chosen), chosen - height + 1, 0), most);
}

function headingOf<R>({ sorted, glyphs }: TableInput<R>, columns: readonly Placed<R>[]): Line {
  const spans = columns.flatMap((column, place): Span[] => {
    const sign = sorted?.column === column.name ? (sorted.descending ? glyphs.descending : glyphs.ascending) : "";
    const text = fitText(`${column.title}${sign}`, column.width, glyphs.cut, column.align);
    return [span(text, sign ? "strong" : "heading"), ...(place < columns.length - 1 ? [span(" ", "heading")] : [])];
  });
  return [span("  ", "heading"), ...spans];
}

/** Heading and rows. */
export function renderTable<R>(input: TableInput<R>): readonly Line[] {
  const { rows, chosen, top, height, glyphs, isFocused } = input;
  const columns = layoutColumns(input.columns, input.width);
  const seen = rows.slice(top, top + Math.max(height - 1, 0));
  return [
    headingOf(input, columns),
    ...seen.map((row, place): Line => {
      const isChosen = top + place === chosen;
      const isMarked = input.isMarked?.(row) ?? false;
      const whole = isChosen ? (isFocused ? "chosen" : "strong") : isMarked ? "marked" : undefined;
      const cells = columns.flatMap((column, at): Span[] => {
        const given = column.cell(row);
        const { text, role } = typeof given === "string" ? { text: given, role: undefined } : given;
        const fitted = fitText(text, column.width, glyphs.cut, column.align);
        return [span(fitted, whole ?? role), ...(at < columns.length - 1 ? [span(" ", whole)] : [])];
      });
      const signs = `${isChosen ? glyphs.chosen : " "}${isMarked ? glyphs.marked : " "}`;
      return [span(signs, whole), ...cells];
    }),
  ];
}
