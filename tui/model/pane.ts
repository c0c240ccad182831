// A program in a part of the screen, with a terminal of its own: a tab beside those of the view for as long as it is there. All keys are the
// program's but two, which leave it and give it the whole screen. Pure.
import { type Area, type Drawn, type Line, line, type Size, span } from "../draw/cell.ts";
import { insideOf } from "../draw/panel.ts";
import { renderCommand, type Words } from "./action.ts";
import { layoutOf } from "./layout.ts";
import type { Fed } from "./need.ts";
import { type Change, type KeyHint, type Mouse, type Part, type PartMessage, type SealedPart, sealPart } from "./part.ts";
import { type House, type State, tabOf } from "./state.ts";
import { keepsSignals, wayOutOf } from "./way-out.ts";

/** What of the mouse a program has asked for, as xterm's modes 9, 1000, 1002 and 1003: presses, releases too, movements with a button, all. */
export type Tracking = "none" | "x10" | "vt200" | "drag" | "any";

export interface PaneState {
  readonly number: number;
  readonly lines: readonly Line[];
  readonly cursor: Drawn["cursor"];
  /** Lines between what is shown and the newest. */
  readonly scrolled: number;
  readonly tracking?: Tracking;
  /** Exit status, once the program has ended. */
  readonly code?: number;
}

/** What happens in panes, by the number of their command. */
export type PaneMessage =
  | { readonly kind: "pane.opened"; readonly number: number; readonly words: Words }
  | {
      readonly kind: "pane.shown";
      readonly number: number;
      readonly lines: readonly Line[];
      readonly cursor: Drawn["cursor"] | undefined;
      readonly scrolled: number;
      readonly tracking?: Tracking;
    }
  | { readonly kind: "pane.ended"; readonly number: number; readonly code: number };

export const paneName = (number: number): string => `pane ${number}`;

/** Leave the program for the list, and come back; give it all of the screen. */
export const paneKeys = { leave: new Set(["f12", "C-]"]), zoom: new Set(["f11"]) } as const;

const longestTitle = 24;

function titleOf(words: Words): string {
  // What it is, and of what: there is no room for how it leaves.
  const whole = words.filter((word) => word !== keepsSignals).join(" ");
  return whole.length <= longestTitle ? whole : `${whole.slice(0, longestTitle - 1)}~`;
}

const closing: ReadonlySet<string> = new Set(["enter", "escape", "q", "space"]);

function panePart(number: number, words: Words): Part<PaneState> {
  return {
    name: paneName(number),
    title: titleOf(words),
    isFree: true,
    initial: { number, lines: [], cursor: undefined, scrolled: 0 },
    needs: () => [],
    update: (state, message, { size }) => updatePane(state, message, size),
    draw(state, { size, isFocused }) {
      if (state.code === undefined) {
        const cursor = isFocused && state.cursor && state.cursor.row < size.rows ? state.cursor : undefined;
        return { lines: state.lines.slice(0, size.rows), ...(cursor ? { cursor } : {}) };
      }
      const said = line(`ended with ${state.code}: Enter closes the pane`, state.code === 0 ? "good" : "bad");
      const shown = state.lines.slice(0, lastWritten(state.lines) + 1);
      return { lines: [...shown.slice(-Math.max(size.rows - 1, 0)), said] };
    },
    note: ({ code }, { isFocused }) => [span(code !== undefined ? "ended" : isFocused ? "F12 leaves" : "F12 enters", "accent")],
    keys: ({ code }, { fed }) =>
      code === undefined
        ? [
            ...wayHints(words, fed),
            { key: "F12", does: "leave the program", isShown: true },
            { key: "F11", does: "zoom", isShown: true },
            { key: "S-PgUp", does: "scroll", isShown: true },
          ]
        : [{ key: "Enter", does: `close ${renderCommand(words)}`, isShown: true }],
  };
}

/** Out of what the program is in: leaving the pane is not leaving the container. */
function wayHints(words: Words, { containers }: Fed): readonly KeyHint[] {
  const keys = wayOutOf(words, containers?.containers)?.keys;
  return keys === undefined ? [] : [{ key: keys, does: "detach", isShown: true }];
}

/** Row of the last line with something on it. */
const lastWritten = (lines: readonly Line[]): number => lines.findLastIndex((spans) => spans.some(({ text }) => text.trim() !== ""));

const isWithin = ({ column, row }: Mouse, { columns, rows }: Size): boolean => column >= 0 && row >= 0 && column < columns && row < rows;

/** The nearest cell that is the program's. */
export const clampedTo = ({ columns, rows }: Size, mouse: Mouse): Mouse => ({
  ...mouse,
  column: Math.max(Math.min(mouse.column, columns - 1), 0),
  row: Math.max(Math.min(mouse.row, rows - 1), 0),
});

const isWheel = ({ action }: Mouse): boolean => action === "up" || action === "down";

function updatePane(state: PaneState, message: PartMessage, size: Size): Change<PaneState> {
  const { number, code } = state;
  if (message.kind === "key") {
    const { key } = message;
    if (paneKeys.leave.has(key.name) || paneKeys.zoom.has(key.name)) return { state, isUnused: true };
    if (code === undefined) return { state, effects: [{ kind: "pane.key", number, key }] };
    return closing.has(key.name) ? { state, effects: [{ kind: "pane.close", number }] } : { state, isUnused: true };
  }
  if (message.kind !== "mouse" || code !== undefined) return { state };
  const { mouse } = message;
  // The frame is not the program's.
  if (!isWheel(mouse) && !isWithin(mouse, size)) return { state };
  return { state, effects: [{ kind: "pane.mouse", number, mouse: clampedTo(size, mouse) }] };
}

export interface ShownPane {
  readonly number: number;
  readonly area: Area;
  readonly size: Size;
  /** Of a program that has ended: nothing. */
  readonly tracking: Tracking;
}

/** The pane on the screen. */
export function shownPane(house: House, state: State): ShownPane | undefined {
  const name = state.panes.length > 0 ? tabOf(house, state)?.name : undefined;
  if (name === undefined || !state.panes.some((pane) => pane.name === name)) return undefined;
  const pane = state.parts[name] as PaneState | undefined;
  const { tab: area } = layoutOf(house, state);
  if (!pane || !area) return undefined;
  const tracking = pane.code === undefined ? (pane.tracking ?? "none") : "none";
  return { number: pane.number, area, size: insideOf(area), tracking };
}

export function updateByPane(state: State, message: PaneMessage): State {
  const name = paneName(message.number);
  const before = state.parts[name] as PaneState | undefined;
  if (message.kind === "pane.opened") {
    const part = panePart(message.number, message.words);
    return {
      ...state,
      panes: [...state.panes, sealPart(part)],
      parts: { ...state.parts, [name]: part.initial },
      tab: name,
      focus: "tab",
    };
  }
  if (!before) return state;
  const { kind, ...news } = message;
  return { ...state, parts: { ...state.parts, [name]: { ...before, ...news } } };
}

/** Without that pane; the tab that comes next in its place is the view's. */
export function withoutPane(state: State, number: number): State {
  const name = paneName(number);
  const { [name]: _, ...parts } = state.parts;
  return { ...state, panes: state.panes.filter((pane: SealedPart) => pane.name !== name), parts, focus: "view", isZoomed: false };
}
