// A tree of which one node is chosen: opened, closed, searched. What it is made of comes anew again and again: nodes are known by their
// paths. Pure.

import { drawField, type Field, fieldOf, updateField } from "../dialog/field.ts";
import { type Drawn, fillRows, type Line, line, span } from "../draw/cell.ts";
import { scrollTo } from "../draw/table.ts";
import { drawTree, openRows, renderWhere, type TreeNode, type TreeRow } from "../draw/tree.ts";
import { movedByKey, movedByWheel } from "./move.ts";
import type { Change, Key, KeyHint, Mouse, PartMessage, Surroundings } from "./part.ts";

export interface TreeState {
  /** Path of the chosen node; its place when that has gone. */
  readonly chosen: string | undefined;
  readonly place: number;
  readonly top: number;
  /** Nodes that are not as their depth has it. */
  readonly toggled: ReadonlySet<string>;
  /** Nodes above this depth are open. */
  readonly openDepth: number;
  readonly search: Field;
  readonly isSearching: boolean;
}

export const emptyTree = (openDepth = 0): TreeState => ({
  chosen: undefined,
  place: 0,
  top: 0,
  toggled: new Set(),
  openDepth,
  search: fieldOf(""),
  isSearching: false,
});

const all = Number.POSITIVE_INFINITY;

const isOpenIn =
  ({ toggled, openDepth }: TreeState) =>
  (path: string, depth: number): boolean =>
    depth < openDepth !== toggled.has(path);

export const rowsOfTree = (state: TreeState, nodes: readonly TreeNode[]): readonly TreeRow[] => openRows(nodes, isOpenIn(state));

const placeIn = ({ chosen, place }: TreeState, rows: readonly TreeRow[]): number => {
  const at = chosen === undefined ? -1 : rows.findIndex(({ path }) => path === chosen);
  return at >= 0 ? at : Math.min(place, rows.length - 1);
};

export const chosenInTree = (state: TreeState, nodes: readonly TreeNode[]): TreeRow | undefined => {
  const rows = rowsOfTree(state, nodes);
  return rows[placeIn(state, rows)];
};

const passes = (search: string, { text }: TreeNode): boolean => search !== "" && text.toLowerCase().includes(search.toLowerCase());

const hasFoot = ({ isSearching, search }: TreeState): boolean => isSearching || search.text !== "";

/** Rows for nodes; where the chosen one is takes the last line, what is looked for one more. */
const heightOf = (state: TreeState, { size }: Pick<Surroundings, "size">, told = 1): number =>
  Math.max(size.rows - told - (hasFoot(state) ? 1 : 0), 1);

function choose(state: TreeState, rows: readonly TreeRow[], place: number, height: number): TreeState {
  const at = Math.min(Math.max(place, 0), rows.length - 1);
  return { ...state, chosen: rows[at]?.path, place: Math.max(at, 0), top: scrollTo(state.top, at, height, rows.length) };
}

function toggle(state: TreeState, { path, isOpen }: TreeRow, open: boolean): TreeState {
  if (isOpen === open) return state;
  const toggled = new Set(state.toggled);
  if (!toggled.delete(path)) toggled.add(path);
  return { ...state, toggled };
}

/** The next node that the search finds, closed ones too, which are opened on the way; from the chosen one on, itself last. */
function find(state: TreeState, nodes: readonly TreeNode[], by: 1 | -1, height: number, self = false): TreeState {
  const every = openRows(nodes, () => true);
  const from = every.findIndex(({ path }) => path === (chosenInTree(state, nodes)?.path ?? ""));
  const order = every.map((_, at) => every[(from + by * (at + (self ? 0 : 1)) + 2 * every.length) % every.length]);
  const found = order.find((row) => row && passes(state.search.text, row.node));
  if (!found) return state;
  const byPath = new Map(every.map((row) => [row.path, row]));
  let opened = state;
  for (let above = found.parent; above !== undefined; above = byPath.get(above)?.parent) {
    const depth = byPath.get(above)?.depth ?? 0;
    opened = toggle(opened, { ...(byPath.get(above) ?? found), isOpen: isOpenIn(opened)(above, depth) }, true);
  }
  const rows = rowsOfTree(opened, nodes);
  return choose(
    opened,
    rows,
    rows.findIndex(({ path }) => path === found.path),
    height,
  );
}

function updateSearch(state: TreeState, key: Key, nodes: readonly TreeNode[], height: number): TreeState {
  if (key.name === "enter") return { ...state, isSearching: false };
  if (key.name === "escape" || key.name === "C-c") return { ...state, isSearching: false, search: fieldOf("") };
  const search = updateField(state.search, key);
  return search ? find({ ...state, search }, nodes, 1, height, true) : state;
}

function updateByKey(state: TreeState, key: Key, nodes: readonly TreeNode[], height: number): TreeState | undefined {
  if (state.isSearching) return updateSearch(state, key, nodes, height);
  const rows = rowsOfTree(state, nodes);
  const at = placeIn(state, rows);
  const row = rows[at];
  const move = (by: number) => choose(state, rows, at + by, height);
  const by = movedByKey(key.name, Math.max(height - 1, 1), rows.length);
  if (by !== undefined) return move(by);
  switch (key.name) {
    case "right":
      if (!row?.node.children?.length) return state;
      return row.isOpen ? move(1) : toggle(state, row, true);
    case "left":
      if (row?.isOpen) return toggle(state, row, false);
      return row?.parent === undefined
        ? state
        : choose(
            state,
            rows,
            rows.findIndex(({ path }) => path === row.parent),
            height,
          );
    case "enter":
    case "space":
      return row?.node.children?.length ? toggle(state, row, !row.isOpen) : state;
    case "*": {
      const isAll = state.openDepth === all && state.toggled.size === 0;
      const changed = { ...state, toggled: new Set<string>(), openDepth: isAll ? 0 : all };
      const after = rowsOfTree(changed, nodes);
      return choose(changed, after, placeIn(changed, after), height);
    }
    case "/":
    case "f3":
      return { ...state, isSearching: true };
    case "n":
      return state.search.text === "" ? undefined : find(state, nodes, 1, height);
    case "N":
      return state.search.text === "" ? undefined : find(state, nodes, -1, height);
    case "escape":
      return state.search.text === "" ? undefined : { ...state, search: fieldOf("") };
    default:
      return undefined;
  }
}

/** A press chooses, on the chosen one it opens and closes. */
function updateByMouse(state: TreeState, { action, row }: Mouse, nodes: readonly TreeNode[], height: number): TreeState {
  const rows = rowsOfTree(state, nodes);
  const by = movedByWheel(action);
  if (by !== undefined) return choose(state, rows, placeIn(state, rows) + by, height);
  const place = state.top + row;
  const pressed = rows[place];
  if (!pressed || row >= height) return state;
  const isOpener = (place === placeIn(state, rows) || action === "double") && pressed.node.children?.length;
  return isOpener ? toggle(state, pressed, !pressed.isOpen) : choose(state, rows, place, height);
}

/** `head`: lines that stand above it. */
export function updateTree(
  state: TreeState,
  message: PartMessage,
  nodes: readonly TreeNode[],
  around: Surroundings,
  head = 0,
): Change<TreeState> {
  const height = heightOf(state, around, head + renderWhere(chosenInTree(state, nodes), around.size.columns, around.glyphs).length);
  if (message.kind === "mouse") return { state: updateByMouse(state, { ...message.mouse, row: message.mouse.row - head }, nodes, height) };
  if (message.kind !== "key") return { state };
  const changed = updateByKey(state, message.key, nodes, height);
  return changed ? { state: changed } : { state, isUnused: true };
}

/** With lines above it. */
export function renderTree(state: TreeState, nodes: readonly TreeNode[], around: Surroundings, head: readonly Line[] = []): Drawn {
  const { size, glyphs, isFocused } = around;
  const rows = rowsOfTree(state, nodes);
  const chosen = placeIn(state, rows);
  const where = renderWhere(rows[chosen], size.columns, glyphs);
  const height = heightOf(state, around, head.length + where.length);
  const search = state.search.text;
  const { lines } = drawTree(rows, height, size.columns, {
    chosen,
    top: scrollTo(state.top, chosen, height, rows.length),
    isFocused,
    isMatch: (node) => passes(search, node),
    glyphs,
  });
  const above = [...head, ...fillRows(lines, height), ...where];
  if (!hasFoot(state)) return { lines: above };
  const count = search === "" ? "" : `  ${openRows(nodes, () => true).filter(({ node }) => passes(search, node)).length} found`;
  const field = drawField(state.search, Math.max(size.columns - 2 - count.length, 1), glyphs.cut);
  return {
    lines: [...above, [span("/ ", "key"), ...field.spans, ...line(count, "dim")]],
    ...(state.isSearching ? { cursor: { column: 2 + field.cursor, row: above.length } } : {}),
  };
}

export const treeHints: readonly KeyHint[] = [
  { key: "Up Down", does: "choose" },
  { key: "Left Right", does: "close, open", isShown: true },
  { key: "Enter Space", does: "open or close" },
  { key: "*", does: "open all, close all", isShown: true },
  { key: "/ F3", does: "search", isShown: true },
  { key: "n N", does: "next, previous found", isShown: true },
];
