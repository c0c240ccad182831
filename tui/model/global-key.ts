// Keys that mean the same wherever the focus is: views, tabs, focus, layout, help, the end. Pure.
import { leaveEffects } from "../dialog/leave.ts";
import type { Effect } from "./effect.ts";
import { paneKeys } from "./pane.ts";
import type { KeyHint } from "./part.ts";
import { type House, type State, tabOf, tabsOf } from "./state.ts";

export interface Moved {
  readonly state: State;
  readonly effects?: readonly Effect[];
}

const shareStep = 0.1;

export function globalHints(house: House, state: State): readonly KeyHint[] {
  const hasTab = tabOf(house, state) !== undefined;
  return [
    ...(house.views.length > 1 ? [{ key: `1-${house.views.length}`, does: "view" }] : []),
    ...(hasTab
      ? [
          { key: "Tab", does: "focus", isShown: true },
          { key: "[ ]", does: "tab", isShown: true },
          { key: "+", does: "zoom", isShown: true },
          { key: "{ }", does: "share of the screen" },
        ]
      : []),
    ...(state.panes.length > 0 && state.focus === "view" ? [{ key: "F12", does: "back to the pane", isShown: true }] : []),
    { key: "x", does: "what can be done", isShown: true },
    { key: ":", does: "a command of tsns", isShown: true },
    { key: "?", does: "help", isShown: true },
    { key: "q", does: "quit", isShown: true },
    { key: "C-z", does: "suspend" },
    { key: "C-l", does: "draw anew" },
  ];
}

const quitKeys: ReadonlySet<string> = new Set(["q", "C-c", "f10"]);

/** What such a key does; undefined for others. */
export function updateByGlobalKey(house: House, state: State, key: string): Moved | undefined {
  if (quitKeys.has(key)) return { state, effects: leaveEffects(state.commands) };
  if (key === "C-z") return { state, effects: [{ kind: "suspend" }] };
  if (key === "C-l") return { state, effects: [{ kind: "redraw" }] };
  const view = /^[1-9]$/.test(key) ? house.views[Number(key) - 1] : undefined;
  if (view) return { state: { ...state, view: view.name, focus: "view" } };
  const tab = tabOf(house, state);
  if (!tab) return undefined;
  if (paneKeys.leave.has(key)) return { state: besidePane(state) };
  if (paneKeys.zoom.has(key)) return { state: { ...state, isZoomed: !state.isZoomed } };
  switch (key) {
    case "tab":
    case "S-tab":
      return { state: { ...state, focus: state.focus === "view" ? "tab" : "view" } };
    case "enter":
      return state.focus === "view" ? { state: { ...state, focus: "tab" } } : undefined;
    case "escape":
      return state.focus === "tab" ? { state: { ...state, focus: "view", isZoomed: false } } : undefined;
    case "[":
    case "]":
      return { state: { ...state, tab: neighbourTab(house, state, key === "]" ? 1 : -1) } };
    case "+":
    case "_":
      return { state: { ...state, isZoomed: !state.isZoomed } };
    case "{":
    case "}":
      return { state: { ...state, share: movedShare(state.share, key === "}" ? shareStep : -shareStep) } };
    default:
      return undefined;
  }
}

/** To the list, or back to the pane that was used last. */
function besidePane(state: State): State {
  if (state.focus === "tab") return { ...state, focus: "view", isZoomed: false };
  const pane = state.panes.find(({ name }) => name === state.tab) ?? state.panes.at(-1);
  return pane ? { ...state, tab: pane.name, focus: "tab" } : state;
}

const movedShare = (share: number, by: number): number => Math.round(Math.min(Math.max(share + by, 0.1), 0.9) * 10) / 10;

function neighbourTab(house: House, state: State, by: number): string {
  const tabs = tabsOf(house, state).map(({ name }) => name);
  const at = tabs.indexOf(tabOf(house, state)?.name ?? "");
  return tabs[(at + by + tabs.length) % tabs.length] ?? state.tab;
}
