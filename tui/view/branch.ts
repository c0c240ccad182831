// Lists whose rows can be opened: what belongs to a row stands below it. What keys and the mouse do to such a list. Pure.

import type { Effect } from "../model/effect.ts";
import { choosePlace, emptyList, type ListState, placeOf, settleList, updateListByKey, updateListByMouse } from "../model/list.ts";
import type { Change, Key, KeyHint, Mouse } from "../model/part.ts";
import { listHints } from "./listing.ts";

export interface BranchState {
  readonly list: ListState;
  /** Keys of rows that are open. */
  readonly open: ReadonlySet<string>;
}

export interface BranchRow {
  readonly key: string;
  /** Key of the row it stands below; absent: one of the list itself. */
  readonly parent?: string;
}

export const emptyBranches = (column: string, descending = false): BranchState => ({
  list: emptyList(column, descending),
  open: new Set(),
});

class EveryKey extends Set<string> {
  override has(): boolean {
    return true;
  }
}

/** All rows are open, whichever there are. */
export const everyKey: ReadonlySet<string> = new EveryKey();

export interface Branching<R extends BranchRow> {
  readonly rows: readonly R[];
  readonly height: number;
  /** What rows are sorted by. */
  readonly orders: readonly string[];
  /** What Enter does on a row that cannot be opened; none: it is the next one's to know. */
  readonly enter: (row: R) => readonly Effect[];
}

function opened(state: BranchState, key: string, isOpen: boolean): BranchState {
  if (state.open.has(key) === isOpen) return state;
  const open = new Set(state.open);
  if (isOpen) open.add(key);
  else open.delete(key);
  return { ...state, open };
}

/** The row that keys are for; undefined without rows. */
export function chosenBranch<R extends BranchRow>({ list }: BranchState, rows: readonly R[]): R | undefined {
  return rows[
    placeOf(
      list,
      rows.map(({ key }) => key),
    )
  ];
}

export function updateBranchesByKey<R extends BranchRow>(state: BranchState, key: Key, branching: Branching<R>): Change<BranchState> {
  const { rows, height, orders, enter } = branching;
  const keys = rows.map((row) => row.key);
  if (!state.list.isFiltering) {
    const row = chosenBranch(state, rows);
    const moved = row ? moveInBranches(state, key.name, row, keys, height) : undefined;
    if (moved) return { state: moved };
    if (key.name === "enter" && row) {
      if (row.parent === undefined) return { state: opened(state, row.key, !state.open.has(row.key)) };
      const effects = enter(row);
      return effects.length > 0 ? { state, effects } : { state, isUnused: true };
    }
    if (key.name === "*") return { state: { ...state, list: markAll(state.list, rows) } };
  }
  const list = updateListByKey(state.list, key, keys, height, orders);
  if (!list) return { state, isUnused: true };
  return { state: { ...state, list: withoutInner(list, rows) } };
}

function moveInBranches<R extends BranchRow>(
  state: BranchState,
  name: string,
  row: R,
  keys: readonly string[],
  height: number,
): BranchState | undefined {
  const at = keys.indexOf(row.key);
  if (name === "right") {
    if (row.parent === undefined && !state.open.has(row.key)) return opened(state, row.key, true);
    return { ...state, list: choosePlace(state.list, keys, at + 1, height) };
  }
  if (name !== "left") return undefined;
  if (row.parent !== undefined) return { ...state, list: choosePlace(state.list, keys, keys.indexOf(row.parent), height) };
  return opened(state, row.key, false);
}

const outerOf = (rows: readonly BranchRow[]): ReadonlySet<string> =>
  new Set(rows.flatMap(({ key, parent }) => (parent === undefined ? [key] : [])));

function markAll(list: ListState, rows: readonly BranchRow[]): ListState {
  const outer = outerOf(rows);
  return { ...list, marked: list.marked.size === outer.size ? new Set() : outer };
}

/** Only rows of the list itself are marked. */
function withoutInner(list: ListState, rows: readonly BranchRow[]): ListState {
  const inner = rows.filter(({ key, parent }) => parent !== undefined && list.marked.has(key));
  if (inner.length === 0) return list;
  const marked = new Set(list.marked);
  for (const { key } of inner) marked.delete(key);
  return { ...list, marked };
}

/** A press chooses, a second one on the chosen row opens or closes it, or is Enter. */
export function updateBranchesByMouse<R extends BranchRow>(state: BranchState, mouse: Mouse, branching: Branching<R>): Change<BranchState> {
  const { rows, height, enter } = branching;
  const keys = rows.map(({ key }) => key);
  const list = updateListByMouse(state.list, mouse, keys, height);
  const pressed = rows[state.list.top + mouse.row - 1];
  if (mouse.action !== "double" || mouse.row < 1 || !pressed) return { state: { ...state, list } };
  if (pressed.parent === undefined) return { state: opened({ ...state, list }, pressed.key, !state.open.has(pressed.key)) };
  return { state: { ...state, list }, effects: enter(pressed) };
}

/** Shows a row, by the first that is meant: without a filter in its way. */
export function showBranch<R extends BranchRow>(
  state: BranchState,
  isMeant: (row: R) => boolean,
  rowsOf: (state: BranchState) => readonly R[],
  height: number,
): BranchState {
  const free: BranchState = { ...state, list: { ...state.list, filter: "", isFiltering: false } };
  const rows = rowsOf(free);
  const place = rows.findIndex(isMeant);
  if (place < 0) return state;
  const keys = rows.map(({ key }) => key);
  return { ...free, list: choosePlace(free.list, keys, place, height) };
}

export const settleBranches = (state: BranchState, rows: readonly BranchRow[], height: number): BranchState => ({
  ...state,
  list: settleList(
    state.list,
    rows.map(({ key }) => key),
    height,
  ),
});

/** The marked rows of the list itself, or the one that is chosen or that the chosen one stands below. */
export function targetsOfBranches<R extends BranchRow>(state: BranchState, rows: readonly R[]): readonly R[] {
  const marked = rows.filter(({ key, parent }) => parent === undefined && state.list.marked.has(key));
  if (marked.length > 0) return marked;
  const row = chosenBranch(state, rows);
  const outer = row?.parent === undefined ? row : rows.find(({ key }) => key === row.parent);
  return outer ? [outer] : [];
}

export const branchHints: readonly KeyHint[] = [{ key: "Enter Left Right", does: "open, close", isShown: true }, ...listHints];
