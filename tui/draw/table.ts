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
  if (shift <= 0) return columns;
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
  const heading = openLine("  ", "heading");
  for (const [place, column] of columns.entries()) {
    const sign = sorted?.column === column.name ? (sorted.descending ? glyphs.descending : glyphs.ascending) : "";
    heading.add(fitText(`${column.title}${sign}`, column.width, glyphs.cut, column.align), sign ? "strong" : "heading");
    if (place < columns.length - 1) heading.add(" ", "heading");
  }
  return heading.close();
}

/** A line of few spans: what has one role is one text. */
function openLine(first: string, firstRole: Role | undefined) {
  const spans: Span[] = [];
  let [text, role] = [first, firstRole];
  return {
    add(next: string, nextRole: Role | undefined): void {
      if (nextRole === role) {
        text += next;
        return;
      }
      spans.push(span(text, role));
      [text, role] = [next, nextRole];
    },
    close: (): Line => [...spans, span(text, role)],
  };
}

interface RowLook {
  readonly isChosen: boolean;
  readonly isMarked: boolean;
  readonly isFocused: boolean;
  readonly glyphs: Glyphs;
}

function lineOf<R>(row: R, columns: readonly Placed<R>[], { isChosen, isMarked, isFocused, glyphs }: RowLook): Line {
  const whole = isChosen ? (isFocused ? "chosen" : "strong") : isMarked ? "marked" : undefined;
  const made = openLine(`${isChosen ? glyphs.chosen : " "}${isMarked ? glyphs.marked : " "}`, whole);
  for (let at = 0; at < columns.length; at++) {
    const column = columns[at] as Placed<R>;
    const given = column.cell(row);
    const { text, role } = typeof given === "string" ? { text: given, role: undefined } : given;
    made.add(fitText(text, column.width, glyphs.cut, column.align), whole ?? role);
    if (at < columns.length - 1) made.add(" ", whole);
  }
  return made.close();
}

interface Kept extends RowLook {
  readonly columns: unknown;
  readonly width: number;
  readonly line: Line;
}

/** Lines of rows, as they were drawn last: the same row in the same columns looks the same. What is kept shows in nothing but time. */
const kept = new WeakMap<object, Kept>();

/** Heading and rows. */
export function renderTable<R>(input: TableInput<R>): readonly Line[] {
  const { rows, chosen, top, height, glyphs, isFocused, width } = input;
  const columns = layoutColumns(input.columns, width);
  const seen = rows.slice(top, top + Math.max(height - 1, 0));
  return [
    headingOf(input, columns),
    ...seen.map((row, place): Line => {
      const look = { isChosen: top + place === chosen, isMarked: input.isMarked?.(row) ?? false, isFocused, glyphs };
      const key: unknown = row;
      if (typeof key !== "object" || key === null) return lineOf(row, columns, look);
      const last = kept.get(key);
      if (last?.columns === input.columns && last.width === width && isSameLook(last, look)) return last.line;
      const line = lineOf(row, columns, look);
      kept.set(key, { ...look, columns: input.columns, width, line });
      return line;
    }),
  ];
}

const isSameLook = (one: RowLook, other: RowLook): boolean =>
  one.glyphs === other.glyphs &&
  one.isChosen === other.isChosen &&
  one.isMarked === other.isMarked &&
  // The focus shows in the chosen row alone.
  (one.isFocused === other.isFocused || !one.isChosen);
