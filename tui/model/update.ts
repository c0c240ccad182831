// How the dashboard changes: one message, the state before, the state after and what is asked of the world. Pure.

import { explainDialogEffects } from "../dialog/explain.ts";
import { visible } from "../draw/cell.ts";
import { insideOf } from "../draw/panel.ts";
import { dialogArea } from "../draw/screenful.ts";
import { hasKey } from "./action.ts";
import { updateByCommand } from "./command.ts";
import type { Effect } from "./effect.ts";
import { remember } from "./entered.ts";
import { updateByGlobalKey } from "./global-key.ts";
import { layoutOf } from "./layout.ts";
import type { Message } from "./message.ts";
import { updateByMouse } from "./mouse.ts";
import { overlayEffects } from "./overlay.ts";
import { updateByPane, withoutPane } from "./pane.ts";
import type { Dialog, Key, PartMessage, SealedPart, Surroundings } from "./part.ts";
import { moreEffects } from "./said-more.ts";
import { type House, type State, surroundingsOf, tabOf, viewOf } from "./state.ts";

export interface Updated {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export function update(house: House, state: State, message: Message): Updated {
  switch (message.kind) {
    case "resize":
      return { state: { ...state, size: message.size }, effects: [] };
    case "tick":
      return { state: { ...state, nowMs: message.nowMs }, effects: [] };
    case "failed":
      return { state: { ...state, said: { text: visible(message.text), role: "bad" } }, effects: [] };
    case "fed":
      return withWanted(
        house,
        tellAll(house, { ...state, fed: { ...state.fed, [message.fed.feed]: message.fed.value } }, { kind: "fed", fed: message.fed }),
      );
    case "key":
      return settled(
        house,
        updateByKey(house, { ...state, said: undefined, wanted: undefined }, message.key, moreEffects(state, message.key.name)),
      );
    case "mouse":
      // Movements and releases are no doing of a person's that would be meant for what is on the screen.
      return settled(
        house,
        updateByMouse(house, message.mouse.action === "other" ? state : { ...state, wanted: undefined }, message.mouse),
      );
    case "pane.opened":
    case "pane.shown":
    case "pane.ended":
      return { state: updateByPane(state, message), effects: [] };
    default:
      return { state: updateByCommand(state, message), effects: [] };
  }
}

/** Effects that are nothing but changes of the state are made here. */
function settled(house: House, { state, effects }: Updated): Updated {
  let changed = state;
  const left: Effect[] = [];
  const all = effects.flatMap((effect) => (effect.kind === "explain" ? explainDialogEffects(effect.commands, effect.form) : [effect]));
  for (const effect of all) {
    if (effect.kind === "open") changed = { ...changed, dialogs: [...changed.dialogs, effect.dialog] };
    else if (effect.kind === "close") changed = { ...changed, dialogs: changed.dialogs.slice(0, -1) };
    else if (effect.kind === "say") changed = { ...changed, said: { text: visible(effect.text), role: effect.role ?? "plain" } };
    else if (effect.kind === "go") changed = gone(house, changed, effect);
    else if (effect.kind === "remember") changed = { ...changed, entered: remember(changed.entered, effect.field, effect.text) };
    else {
      if (effect.kind === "pane.close") changed = withoutPane(changed, effect.number);
      left.push(effect);
    }
  }
  return { state: changed, effects: left };
}

function gone(house: House, state: State, { view, tab, row }: Extract<Effect, { kind: "go" }>): State {
  const there: State = {
    ...state,
    ...(view === undefined ? {} : { view, focus: "view" }),
    ...(tab === undefined ? {} : { tab, focus: "tab" }),
  };
  if (row === undefined) return there;
  return shown(house, { ...there, wanted: { view: viewOf(house, there).name, row } }, row);
}

const shown = (house: House, state: State, row: string): State => tellPart(house, state, viewOf(house, state), { kind: "show", row }).state;

/** The row that was gone to is shown once more: its view may know it by now. */
function withWanted(house: House, { state, effects }: Updated): Updated {
  const { wanted } = state;
  return { state: wanted && wanted.view === viewOf(house, state).name ? shown(house, state, wanted.row) : state, effects };
}

/** The surroundings of a part that is on the screen as a view or a tab. */
function aroundOf(house: House, state: State, part: SealedPart): Surroundings {
  const layout = layoutOf(house, state);
  const isView = part.name === viewOf(house, state).name;
  const area = isView ? layout.view : layout.tab;
  return surroundingsOf(house, state, insideOf(area ?? state.size), isView === (state.focus === "view"));
}

interface Told extends Updated {
  readonly isUnused: boolean;
}

function tellPart(house: House, state: State, part: SealedPart, message: PartMessage): Told {
  const change = part.update(state.parts[part.name], message, aroundOf(house, state, part));
  const parts = change.state === state.parts[part.name] ? state.parts : { ...state.parts, [part.name]: change.state };
  return { state: { ...state, parts }, effects: change.effects ?? [], isUnused: change.isUnused === true };
}

function tellDialog(house: House, state: State, place: number, message: PartMessage): Updated {
  const dialog = state.dialogs[place];
  if (!dialog) return { state, effects: [] };
  const around = surroundingsOf(house, state, insideOf(dialogArea(dialog, state.size)), true);
  const change = dialog.part.update(dialog.state, message, around);
  const dialogs = state.dialogs.map((other, at): Dialog => (at === place ? { ...dialog, state: change.state } : other));
  return { state: { ...state, dialogs }, effects: change.effects ?? [] };
}

/** What has been fed is told to all that are on the screen: some keep more of it than its last value. */
function tellAll(house: House, state: State, message: PartMessage): Updated {
  let changed: Updated = { state, effects: [] };
  const tab = tabOf(house, state);
  for (const part of [viewOf(house, state), ...(tab ? [tab] : [])]) {
    const told = tellPart(house, changed.state, part, message);
    changed = { state: told.state, effects: [...changed.effects, ...told.effects] };
  }
  for (let place = 0; place < state.dialogs.length; place++) {
    const told = tellDialog(house, changed.state, place, message);
    changed = { state: told.state, effects: [...changed.effects, ...told.effects] };
  }
  return settled(house, changed);
}

/** `more`: what the key does because of the last line. */
function updateByKey(house: House, state: State, key: Key, more: readonly Effect[] | undefined): Updated {
  if (more) return { state, effects: more };
  const message: PartMessage = { kind: "key", key };
  if (state.dialogs.length > 0) return tellDialog(house, state, state.dialogs.length - 1, message);
  const focused = state.focus === "tab" ? (tabOf(house, state) ?? viewOf(house, state)) : viewOf(house, state);
  const told = tellPart(house, state, focused, message);
  if (!told.isUnused) return told;
  const moved = updateByGlobalKey(house, state, key.name);
  if (moved) return { state: moved.state, effects: moved.effects ?? [] };
  return { state, effects: overlayEffects(house, state, key.name) ?? actionEffects(house, state, key.name) };
}

/** Keys of actions work whether the rows or a tab of the chosen one has the focus. */
function actionEffects(house: House, state: State, key: string): readonly Effect[] {
  const view = viewOf(house, state);
  const around = aroundOf(house, state, view);
  const rows = view.targets(state.parts[view.name], around);
  // A key may have several actions, of which one means something for a row as it is.
  const actions = view.actions.filter((action) => hasKey(action, key));
  const action = actions.find((candidate) => candidate.refusal(rows) === undefined);
  if (action) return action.perform(rows, around);
  const [first] = actions;
  return first ? [{ kind: "say", text: `${first.does}: ${first.refusal(rows)}` }] : [];
}
