// The view of containers: one row each, chosen, filtered, sorted. Pure.
import { isLive } from "../../../src/container/record.ts";
import { containerActions } from "../../action/container.ts";
import { line, span } from "../../draw/cell.ts";
import { renderTable } from "../../draw/table.ts";
import {
  emptyList,
  type ListState,
  passesFilter,
  placeOf,
  restoreList,
  saveList,
  settleList,
  sortRows,
  updateListByKey,
  updateListByMouse,
} from "../../model/list.ts";
import type { Change, Chosen, PartMessage, Surroundings, View } from "../../model/part.ts";
import { type ContainerRow, containerColumns, containerOrders } from "./column.ts";

const keyOf = ({ state }: ContainerRow): string => state.record.id;
const orders = Object.keys(containerOrders);
/** Orders that depend on what containers use: all of them are sampled then. */
const usageOrders: ReadonlySet<string> = new Set(["cpu", "memory", "pids"]);

/** Words of a row that a filter looks into. */
const wordsOf = ({ state: { record, status } }: ContainerRow): string =>
  [record.name, record.id.slice(0, 12), record.spec.imageName, status, ...record.spec.attachments.map(({ network }) => network)].join(" ");

/** The rows as they stand, in their order. */
export function containerRows(list: ListState, { fed }: Pick<Surroundings, "fed">): readonly ContainerRow[] {
  const rows = (fed.containers?.containers ?? []).map((state): ContainerRow => ({ state, usage: fed.usage?.latest.get(state.record.id) }));
  const order = containerOrders[list.sorted.column] ?? keyOf;
  return sortRows(
    rows.filter((row) => passesFilter(list.filter, wordsOf(row))),
    order,
    keyOf,
    list.sorted.descending,
  );
}

const chosenOf = ({ state }: ContainerRow): Chosen => ({
  kind: "container",
  reference: state.record.name,
  id: state.record.id,
  container: state,
});

/** Rows that fit below the heading; the filter takes a line while it is there. */
const heightOf = (list: ListState, { size }: Surroundings): number => size.rows - 1 - (list.isFiltering || list.filter !== "" ? 1 : 0);

function update(list: ListState, message: PartMessage, around: Surroundings): Change<ListState> {
  const keys = containerRows(list, around).map(keyOf);
  const height = heightOf(list, around);
  if (message.kind === "mouse") return { state: updateListByMouse(list, message.mouse, keys, height) };
  if (message.kind === "show") return { state: settleList({ ...list, chosen: message.row, filter: "" }, keys, height) };
  if (message.kind === "fed") return { state: message.fed.feed === "containers" ? settleList(list, keys, height) : list };
  const changed = updateListByKey(list, message.key, keys, height, orders);
  return changed ? { state: changed } : { state: list, isUnused: true };
}

export const containerView: View<ListState> = {
  name: "containers",
  title: "Containers",
  initial: emptyList("created"),
  tabs: ["charts"],
  actions: containerActions,
  needs(list, around) {
    const rows = containerRows(list, around);
    const { top } = settleList(list, rows.map(keyOf), heightOf(list, around));
    const seen = usageOrders.has(list.sorted.column) ? rows : rows.slice(top, top + around.size.rows);
    return [{ kind: "containers" }, { kind: "usage", ids: seen.filter(({ state }) => isLive(state)).map(keyOf) }];
  },
  update,
  draw(list, around) {
    const rows = containerRows(list, around);
    const height = heightOf(list, around);
    const settled = settleList(list, rows.map(keyOf), height);
    const isEmpty = rows.length === 0;
    const table = renderTable({
      columns: containerColumns(around.nowMs),
      rows,
      chosen: placeOf(settled, rows.map(keyOf)),
      top: settled.top,
      isMarked: (row) => list.marked.has(keyOf(row)),
      sorted: list.sorted,
      isFocused: around.isFocused,
      width: around.size.columns,
      height: height + 1,
      glyphs: around.glyphs,
    });
    const nothing =
      around.fed.containers === undefined ? "reading ..." : list.filter === "" ? "no containers" : "no container passes the filter";
    const filter =
      list.isFiltering || list.filter !== "" ? [[span("/", "key"), span(list.filter, "accent"), span(list.isFiltering ? "_" : "")]] : [];
    return { lines: [...table, ...(isEmpty ? [line(`  ${nothing}`, "dim")] : []), ...filter] };
  },
  keys: () => [
    { key: "Up Down", does: "choose" },
    { key: "/", does: "filter", isShown: true },
    { key: "<>", does: "sort", isShown: true },
    { key: "I", does: "turn the order round" },
    { key: "Space", does: "mark", isShown: true },
    { key: "*", does: "mark all" },
    { key: "U", does: "unmark" },
  ],
  chosen(list, around) {
    const rows = containerRows(list, around);
    const row = rows[placeOf(list, rows.map(keyOf))];
    return row && chosenOf(row);
  },
  targets(list, around) {
    const rows = containerRows(list, around);
    const marked = rows.filter((row) => list.marked.has(keyOf(row)));
    const row = rows[placeOf(list, rows.map(keyOf))];
    return (marked.length > 0 ? marked : row ? [row] : []).map(chosenOf);
  },
  keep: { save: saveList, restore: (kept) => restoreList(emptyList("created"), kept, orders) },
};
