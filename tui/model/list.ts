// A list of rows with one chosen: moving, marking, filtering, sorting. Views are made of it. Rows are known by a key that stays
// while others come and go. Pure.
import { scrollTo } from "../draw/table.ts";
import { lastOf } from "./memo.ts";
import { movedByKey, movedByWheel } from "./move.ts";
import type { Key, Mouse } from "./part.ts";

export interface ListState {
  /** Key of the chosen row; its place when that row has gone. */
  readonly chosen: string | undefined;
  readonly place: number;
  readonly top: number;
  readonly marked: ReadonlySet<string>;
  readonly filter: string;
  /** The filter is being written. */
  readonly isFiltering: boolean;
  readonly sorted: { readonly column: string; readonly descending: boolean };
}

export const emptyList = (column: string, descending = false): ListState => ({
  chosen: undefined,
  place: 0,
  top: 0,
  marked: new Set(),
  filter: "",
  isFiltering: false,
  sorted: { column, descending },
});

/** Place of the chosen row among these keys; of one that has gone, the row that stands there now; -1 without rows. */
export function placeOf(list: ListState, keys: readonly string[]): number {
  if (keys.length === 0) return -1;
  const at = list.chosen === undefined ? -1 : keys.indexOf(list.chosen);
  return at >= 0 ? at : Math.min(list.place, keys.length - 1);
}

/** The list as it stands with these rows: the chosen one is one of them and is seen in `height` rows. */
export function settleList(list: ListState, keys: readonly string[], height: number): ListState {
  const place = placeOf(list, keys);
  const marked = list.marked.size === 0 ? list.marked : keptOf(list.marked, new Set(keys));
  return { ...list, chosen: keys[place], place: Math.max(place, 0), top: scrollTo(list.top, place, height, keys.length), marked };
}

/** The same set where all of it is left. */
function keptOf(marked: ReadonlySet<string>, keys: ReadonlySet<string>): ReadonlySet<string> {
  const kept = [...marked].filter((key) => keys.has(key));
  return kept.length === marked.size ? marked : new Set(kept);
}

export const choosePlace = (list: ListState, keys: readonly string[], place: number, height: number): ListState => {
  const at = Math.min(Math.max(place, 0), keys.length - 1);
  return settleList({ ...list, chosen: keys[at], place: at }, keys, height);
};

/** What keys do to every list; undefined for those that mean nothing to it. `columns`: names, for sorting. */
export function updateListByKey(
  list: ListState,
  key: Key,
  keys: readonly string[],
  height: number,
  columns: readonly string[],
): ListState | undefined {
  if (list.isFiltering) return writeFilter(list, key);
  const at = placeOf(list, keys);
  const by = movedByKey(key.name, Math.max(height - 1, 1), keys.length);
  if (by !== undefined) return choosePlace(list, keys, at + by, height);
  switch (key.name) {
    case "/":
    case "f4":
      return { ...list, isFiltering: true };
    case "space":
      return { ...choosePlace(list, keys, at + 1, height), marked: toggled(list.marked, keys[at]) };
    case "U":
      return { ...list, marked: new Set() };
    case "*":
      return { ...list, marked: list.marked.size === keys.length ? new Set() : new Set(keys) };
    case "<":
    case ">":
    case "f6":
      return {
        ...list,
        sorted: { column: nextOf(columns, list.sorted.column, key.name === "<" ? -1 : 1), descending: list.sorted.descending },
      };
    case "I":
      return { ...list, sorted: { ...list.sorted, descending: !list.sorted.descending } };
    case "escape":
      return list.filter === "" && list.marked.size === 0 ? undefined : { ...list, filter: "", marked: new Set() };
    default:
      return undefined;
  }
}

function writeFilter(list: ListState, { name, text }: Key): ListState {
  if (name === "enter" || name === "return") return { ...list, isFiltering: false };
  if (name === "escape") return { ...list, isFiltering: false, filter: "" };
  if (name === "backspace") return { ...list, filter: [...list.filter].slice(0, -1).join("") };
  if (name === "C-u") return { ...list, filter: "" };
  return text === "" ? list : { ...list, filter: list.filter + text };
}

function toggled(marked: ReadonlySet<string>, key: string | undefined): ReadonlySet<string> {
  const changed = new Set(marked);
  if (key === undefined || changed.delete(key)) return changed;
  return changed.add(key);
}

const nextOf = (names: readonly string[], name: string, by: number): string =>
  names[(names.indexOf(name) + by + names.length) % names.length] ?? name;

/** A press chooses the row it is on, a wheel moves by three; `head`: lines above the first row. */
export function updateListByMouse(list: ListState, mouse: Mouse, keys: readonly string[], height: number, head = 1): ListState {
  const by = movedByWheel(mouse.action);
  if (by !== undefined) return choosePlace(list, keys, placeOf(list, keys) + by, height);
  const place = list.top + mouse.row - head;
  return mouse.row < head || place >= keys.length ? list : choosePlace(list, keys, place, height);
}

/** Kept from row to row. */
const filterWords = lastOf((filter: string) =>
  filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "" && word !== "!"),
);

/** Whether a text passes a filter: all its words are in it, whatever the case; `!word` is not. */
export function passesFilter(filter: string, text: string): boolean {
  const below = text.toLowerCase();
  return filterWords(filter).every((word) => (word.startsWith("!") ? !below.includes(word.slice(1)) : below.includes(word)));
}

/** Sorted by a value of each row, and by its key where they are equal. */
export function sortRows<R>(
  rows: readonly R[],
  value: (row: R) => string | number,
  keyOf: (row: R) => string,
  descending: boolean,
): readonly R[] {
  const sign = descending ? -1 : 1;
  const compare = <V>(one: V, other: V): number => (one < other ? -1 : one > other ? 1 : 0);
  return rows
    .map((row) => ({ row, value: value(row), key: keyOf(row) }))
    .sort((one, other) => compare(one.value, other.value) * sign || compare(one.key, other.key))
    .map(({ row }) => row);
}

export interface KeptList {
  readonly sorted?: ListState["sorted"];
  readonly filter?: string;
}

export const saveList = ({ sorted, filter }: ListState): KeptList => ({ sorted, filter });

/** A list as it was kept; a column that is none any more is left as it is. */
export function restoreList(list: ListState, kept: unknown, columns: readonly string[]): ListState {
  const { sorted, filter } = (typeof kept === "object" && kept !== null ? kept : {}) as {
    sorted?: { column?: unknown; descending?: unknown };
    filter?: unknown;
  };
  const column = typeof sorted?.column === "string" ? columns.find((name) => name === sorted.column) : undefined;
  return {
    ...list,
    ...(column === undefined ? {} : { sorted: { column, descending: sorted?.descending === true } }),
    ...(typeof filter === "string" ? { filter } : {}),
  };
}
