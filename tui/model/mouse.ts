// What the mouse does: it chooses views, gives parts the focus, and the rest is theirs. Pure.
import { viewNames } from "../draw/bar.ts";
import { type Area, widthOf } from "../draw/cell.ts";
import { insideOf } from "../draw/panel.ts";
import { dialogArea } from "../draw/screenful.ts";
import { firstTitle, tabTitles } from "../draw/tab-title.ts";
import type { Effect } from "./effect.ts";
import { layoutOf } from "./layout.ts";
import { clampedTo, shownPane } from "./pane.ts";
import type { Mouse } from "./part.ts";
import { type House, type State, surroundingsOf, tabOf, viewOf } from "./state.ts";

const isIn = ({ column, row }: Mouse, area: Area | undefined): boolean =>
  area !== undefined && column >= area.left && column < area.left + area.columns && row >= area.top && row < area.top + area.rows;

/** As the part sees it, whose frame is one cell wide. */
const within = (mouse: Mouse, { left, top }: Area): Mouse => ({ ...mouse, column: mouse.column - left - 1, row: mouse.row - top - 1 });

interface Moved {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** A release, a movement or another button, for the program in the pane on the screen; nobody else knows these. */
function updatePaneByMouse(house: House, state: State, mouse: Mouse): Moved {
  const { code = 3, isRelease = false } = mouse;
  const isMove = (code & 32) !== 0;
  const isHeld = isRelease || (isMove && (code & 3) !== 3);
  const pane = shownPane(house, state);
  const after: State = isRelease && state.grip !== undefined ? { ...state, grip: undefined } : state;
  if (!pane || pane.tracking === "none") return { state: after, effects: [] };
  const inner = within(mouse, pane.area);
  const effects: readonly Effect[] = [{ kind: "pane.mouse", number: pane.number, mouse: clampedTo(pane.size, inner) }];
  // What was pressed there is told to its end, wherever the pointer is.
  if (isHeld) return { state: after, effects: state.grip === pane.number ? effects : [] };
  const isInside = isIn(inner, { left: 0, top: 0, ...pane.size });
  if (!isInside || state.dialogs.length > 0) return { state, effects: [] };
  return { state: isMove ? state : { ...state, focus: "tab", grip: pane.number }, effects };
}

/** With the pane that a press is for. */
function gripped(house: House, state: State, mouse: Mouse): State {
  if (mouse.action !== "press" && mouse.action !== "double") return state;
  const pane = shownPane(house, state);
  const isThere = pane !== undefined && pane.tracking !== "none" && isIn(within(mouse, pane.area), { left: 0, top: 0, ...pane.size });
  return { ...state, grip: isThere ? pane.number : undefined };
}

export function updateByMouse(house: House, state: State, mouse: Mouse): Moved {
  if (mouse.action === "other") return updatePaneByMouse(house, state, mouse);
  const dialog = state.dialogs.at(-1);
  if (dialog) {
    const area = dialogArea(dialog, state.size);
    if (!isIn(mouse, area)) return { state, effects: [] };
    const around = surroundingsOf(house, state, insideOf(area), true);
    const change = dialog.part.update(dialog.state, { kind: "mouse", mouse: within(mouse, area) }, around);
    return {
      state: { ...state, dialogs: [...state.dialogs.slice(0, -1), { ...dialog, state: change.state }] },
      effects: change.effects ?? [],
    };
  }
  const layout = layoutOf(house, state);
  if (isIn(mouse, layout.bar)) {
    const named = viewNames(house, state).find(({ from, to }) => mouse.column >= from && mouse.column < to);
    return { state: named && mouse.action === "press" ? { ...state, view: named.name, focus: "view" } : state, effects: [] };
  }
  const focus = isIn(mouse, layout.view) ? "view" : isIn(mouse, layout.tab) ? "tab" : undefined;
  const area = focus === undefined ? undefined : layout[focus];
  if (focus === undefined || !area) return { state, effects: [] };
  const there: State = gripped(house, { ...state, focus }, mouse);
  if (focus === "tab" && mouse.action === "press" && mouse.row === area.top)
    return { state: chooseTab(house, there, mouse.column - area.left, area.columns), effects: [] };
  const part = focus === "view" ? viewOf(house, there) : tabOf(house, there);
  if (!part) return { state: there, effects: [] };
  const change = part.update(
    there.parts[part.name],
    { kind: "mouse", mouse: within(mouse, area) },
    surroundingsOf(house, there, insideOf(area), true),
  );
  return { state: { ...there, parts: { ...there.parts, [part.name]: change.state } }, effects: change.effects ?? [] };
}

/** The title under a column of the frame's upper edge. */
function chooseTab(house: House, state: State, column: number, columns: number): State {
  let from = firstTitle;
  for (const { name, text } of tabTitles(house, state, columns)) {
    const to = from + widthOf([{ text }]);
    if (column >= from && column < to) return { ...state, tab: name };
    from = to + 1;
  }
  return state;
}
