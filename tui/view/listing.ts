// What views that are lists have in common: how high the list is, its filter below, its drawing, a press on a heading. Pure.
import { displayWidth } from "../../src/base/text.ts";
import { type Drawn, fillRows, type Line, line, span, visible } from "../draw/cell.ts";
import { type Column, columnAt, renderTable } from "../draw/table.ts";
import { renderWhole } from "../draw/whole.ts";
import { type ListState, placeOf, settleList } from "../model/list.ts";
import type { KeyHint, Mouse, Surroundings } from "../model/part.ts";

/** Rows of a list and their keys, in the same order. */
export interface Listed<R> {
  readonly rows: readonly R[];
  readonly keys: readonly string[];
}

export const listed = <R>(rows: readonly R[], keyOf: (row: R) => string): Listed<R> => ({ rows, keys: rows.map(keyOf) });

const hasFoot = ({ isFiltering, filter }: ListState): boolean => isFiltering || filter !== "";

/** Rows that fit below the heading; the filter takes a line while it is there. `more`: lines that the view has at its foot. */
export const heightOf = (list: ListState, { size }: Pick<Surroundings, "size">, more = 0): number =>
  Math.max(size.rows - 1 - (hasFoot(list) ? 1 : 0) - more, 0);

export interface ListDrawing<R> {
  readonly list: ListState;
  readonly listed: Listed<R>;
  readonly columns: readonly Column<R>[];
  /** Said where there are no rows: lines that tell what to do. */
  readonly nothing: readonly string[];
  /** Below everything. */
  readonly foot?: readonly Line[];
}

export function drawList<R>(
  { list, listed: { rows, keys }, columns, nothing, foot = [] }: ListDrawing<R>,
  { size, isFocused, glyphs }: Surroundings,
): Drawn {
  if (glyphs.isPlain) return { lines: rows.length === 0 ? [line("none")] : renderWhole(columns, rows, size.columns) };
  const height = heightOf(list, { size }, foot.length);
  const settled = settleList(list, keys, height);
  const marked = new Set(list.marked.size === 0 ? [] : rows.filter((_, place) => list.marked.has(keys[place] ?? "")));
  const table = renderTable({
    columns,
    rows,
    chosen: placeOf(settled, keys),
    top: settled.top,
    isMarked: (row) => marked.has(row),
    sorted: list.sorted,
    isFocused,
    width: size.columns,
    height: height + 1,
    glyphs,
  });
  const said = rows.length === 0 ? nothing.slice(0, height).map((text) => line(`  ${text}`, "dim")) : [];
  const filter: readonly Line[] = hasFoot(list) ? [[span("/", "key"), span(list.filter, "accent")]] : [];
  return {
    lines: [...fillRows([...table, ...said], height + 1), ...filter, ...foot],
    ...(list.isFiltering ? { cursor: { column: 1 + displayWidth(visible(list.filter)), row: height + 1 } } : {}),
  };
}

/** Sorted by this column; turned round when it is that one already. `descends`: columns that begin with the most. */
export function sortBy(list: ListState, column: string, descends: ReadonlySet<string>): ListState {
  const { sorted } = list;
  const descending = sorted.column === column ? !sorted.descending : descends.has(column);
  return { ...list, sorted: { column, descending } };
}

/** The list sorted by the heading that was pressed; undefined for a press on anything else. */
export function sortByPress<R>(
  list: ListState,
  { action, column, row }: Mouse,
  columns: readonly Column<R>[],
  width: number,
  orders: { readonly names: readonly string[]; readonly descends: ReadonlySet<string> },
): ListState | undefined {
  if (action !== "press" || row !== 0) return undefined;
  const name = columnAt(columns, width, column);
  return name !== undefined && orders.names.includes(name) ? sortBy(list, name, orders.descends) : undefined;
}

export const listHints: readonly KeyHint[] = [
  { key: "Up Down", does: "choose" },
  { key: "/ F4", does: "filter", isShown: true },
  { key: "< > F6", does: "sort", isShown: true },
  { key: "I", does: "turn the order round" },
  { key: "Space", does: "mark", isShown: true },
  { key: "*", does: "mark all" },
  { key: "U", does: "unmark" },
];
