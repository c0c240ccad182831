// What lies on top of the screen at a key, wherever the focus is: the help, the menu of actions, the prompt for a command. Pure.
import { promptEffects } from "../dialog/command-line.ts";
import { type HelpSection, helpDialog, keyName } from "../dialog/help.ts";
import { menuDialog } from "../dialog/menu.ts";
import { insideOf } from "../draw/panel.ts";
import type { Effect } from "./effect.ts";
import { globalHints } from "./global-key.ts";
import { layoutOf } from "./layout.ts";
import { type House, type State, surroundingsOf, tabOf, viewOf } from "./state.ts";

/** Undefined for keys that open nothing. */
export function overlayEffects(house: House, state: State, key: string): readonly Effect[] | undefined {
  switch (key) {
    case ":":
      return promptEffects();
    case "?":
    case "h":
    case "f1":
      return [{ kind: "open", dialog: helpDialog(helpSections(house, state)) }];
    case "x":
      return menuEffects(house, state);
    default:
      return undefined;
  }
}

function menuEffects(house: House, state: State): readonly Effect[] {
  const view = viewOf(house, state);
  const around = surroundingsOf(house, state, insideOf(layoutOf(house, state).view ?? state.size), state.focus === "view");
  const rows = view.targets(state.parts[view.name], around);
  if (view.actions.length === 0) return [{ kind: "say", text: "nothing can be done here" }];
  const [first] = rows;
  const title = rows.length === 0 ? view.title : rows.length === 1 && first ? first.reference : `${rows.length} of ${view.title}`;
  return [{ kind: "open", dialog: menuDialog(title, view.actions, rows) }];
}

/** Of what has the focus first, then of its view, of everything. */
export function helpSections(house: House, state: State): readonly HelpSection[] {
  const view = viewOf(house, state);
  const tab = tabOf(house, state);
  const layout = layoutOf(house, state);
  const size = insideOf(layout.view ?? state.size);
  const ofView = {
    title: view.title,
    hints: view.keys(state.parts[view.name], surroundingsOf(house, state, size, state.focus === "view")),
  };
  const ofTab = tab && {
    title: tab.title,
    hints: tab.keys(state.parts[tab.name], surroundingsOf(house, state, insideOf(layout.tab ?? state.size), state.focus === "tab")),
  };
  const own = state.focus === "tab" && ofTab ? [ofTab, ofView] : [ofView, ...(ofTab ? [ofTab] : [])];
  const actions = {
    title: `${view.title}: what can be done`,
    hints: view.actions.map(({ key, also = [], does }) => ({ key: [key, ...also].map(keyName).join(" "), does })),
  };
  return [...own, actions, { title: "Everywhere", hints: globalHints(house, state) }].filter(({ hints }) => hints.length > 0);
}
