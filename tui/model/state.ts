// The whole state of the dashboard, as one value: which view and tab are on the screen, the state of each part, what has been fed. Pure.
import type { Role, Size } from "../draw/cell.ts";
import type { Glyphs } from "../draw/glyph.ts";
import type { Entered } from "./entered.ts";
import type { Fed } from "./need.ts";
import type { CommandEntry, Dialog, SealedPart, SealedView, Surroundings } from "./part.ts";

/** All parts there are. */
export interface House {
  readonly views: readonly SealedView[];
  readonly tabs: readonly SealedPart[];
}

export interface State {
  readonly size: Size;
  readonly glyphs: Glyphs;
  readonly nowMs: number;
  /** Of the machine; absent where nobody has said it. */
  readonly hostname?: string;
  /** Names; `tab` is the one last chosen, of whichever view. */
  readonly view: string;
  readonly tab: string;
  readonly focus: "view" | "tab";
  /** Only what has the focus is seen. */
  readonly isZoomed: boolean;
  /** Share of the room that the view has beside its tab, 0.1 to 0.9. */
  readonly share: number;
  /** Of each part by its name. */
  readonly parts: Readonly<Record<string, unknown>>;
  readonly fed: Fed;
  readonly commands: readonly CommandEntry[];
  /** Programs in parts of the screen: tabs beside those of the view. */
  readonly panes: readonly SealedPart[];
  /** Number of the pane in which a button of the mouse is held down: what it does until it is let go is told there. */
  readonly grip?: number | undefined;
  /** What was entered into fields, by their names, newest last. */
  readonly entered: Entered;
  /** The topmost one last. */
  readonly dialogs: readonly Dialog[];
  /** A row that was gone to: shown when its view is fed, until a person does something else. */
  readonly wanted?: { readonly view: string; readonly row: string } | undefined;
  readonly said: Said | undefined;
}

/** What has just happened, in one line at the bottom until the next key. */
export interface Said {
  readonly text: string;
  readonly role: Role;
  /** Of the command that ended so: all of what it said is in the list. */
  readonly number?: number;
}

export function initialState(house: House, size: Size, glyphs: Glyphs, nowMs: number): State {
  const [view] = house.views;
  return {
    size,
    glyphs,
    nowMs,
    view: view?.name ?? "",
    tab: view?.tabs[0] ?? "",
    focus: "view",
    isZoomed: false,
    share: 0.5,
    parts: Object.fromEntries([...house.views, ...house.tabs].map(({ name, initial }) => [name, initial])),
    fed: {},
    commands: [],
    panes: [],
    entered: {},
    dialogs: [],
    said: undefined,
  };
}

/** The view on the screen. */
export function viewOf(house: House, { view }: State): SealedView {
  const found = house.views.find(({ name }) => name === view) ?? house.views[0];
  if (!found) throw new Error("a dashboard without views");
  return found;
}

/** The view's tabs and the panes, in their order. */
export function tabsOf(house: House, state: State): readonly SealedPart[] {
  const { tabs } = viewOf(house, state);
  return [...tabs.flatMap((name) => house.tabs.filter((tab) => tab.name === name)), ...state.panes];
}

/** The tab on the screen: the one last chosen, where it is there, else the first; undefined where there is none. */
export function tabOf(house: House, state: State): SealedPart | undefined {
  const tabs = tabsOf(house, state);
  return tabs.find(({ name }) => name === state.tab) ?? tabs[0];
}

/** Whether a tab has something to tell of. */
export const hasSubject = ({ isFree, isOfSeveral }: SealedPart, { chosen, targets }: Surroundings): boolean =>
  chosen !== undefined || isFree === true || (isOfSeveral === true && (targets?.().length ?? 0) > 0);

/** What parts on the screen may know; the size is theirs to be filled in. */
export function surroundingsOf(house: House, state: State, size: Size, isFocused: boolean): Surroundings {
  const { fed, nowMs, glyphs, commands, entered } = state;
  const view = viewOf(house, state);
  const bare = { size, isFocused, fed, nowMs, glyphs, commands, entered, chosen: undefined };
  const own = state.parts[view.name];
  return { ...bare, chosen: view.chosen(own, bare), targets: () => view.targets(own, bare) };
}
