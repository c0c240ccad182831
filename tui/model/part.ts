// What each part of the screen is: a view, a tab of the chosen row, a dialog. A part knows its own state, what has been fed, and how to
// draw itself; nothing of terminals, of the engine or of other parts. Pure.
import type { ContainerState } from "../../src/container/record.ts";
import type { Drawn, Line, Size } from "../draw/cell.ts";
import type { Glyphs } from "../draw/glyph.ts";
import type { Action, Words } from "./action.ts";
import type { CommandPlace, Effect } from "./effect.ts";
import type { Folded } from "./fold.ts";
import type { Fed, FedValue, Need } from "./need.ts";

/** A key by its name ("up", "enter", "C-c", "f6", "a", "A", "/", "space"); `text` is what it would write, empty for the others. */
export interface Key {
  readonly name: string;
  readonly text: string;
  /** Of the key "paste": what was pasted as it was, lines and all; `text` is it as one line. */
  readonly pasted?: string;
}

/** In cells relative to the part. */
export interface Mouse {
  /** "other": a release, a movement, another button; programs in panes alone are told of these. */
  readonly action: "press" | "up" | "down" | "double" | "other";
  readonly column: number;
  readonly row: number;
  /** As xterm counts: the button (3: none, 64 and 65: the wheel), and 4 shift, 8 alt, 16 control, 32 a movement. Absent: that of the action. */
  readonly code?: number;
  readonly isRelease?: true;
}

/** Commands that were run from here, newest last. */
export interface CommandEntry {
  readonly number: number;
  readonly words: Words;
  readonly place: CommandPlace;
  /** Of whoever asked for it. */
  readonly label?: string;
  /** While it waits: since when. */
  readonly startedMs: number;
  readonly endedMs?: number;
  /** It has not been started; with an end it never will. */
  readonly isWaiting?: true;
  /** Undefined while it runs. */
  readonly code?: number;
  /** The signal that ended it: SIGINT. */
  readonly signal?: string;
  /** The end of what it said, both streams, as a terminal would show it. */
  readonly output: Folded;
}

/** What a part may know when it changes or draws. */
export interface Surroundings {
  readonly size: Size;
  readonly isFocused: boolean;
  readonly fed: Fed;
  readonly nowMs: number;
  readonly glyphs: Glyphs;
  /** The row chosen in the view, for its tabs. */
  readonly chosen: Chosen | undefined;
  /** The marked rows of the view, or the chosen one, for tabs that show several. */
  readonly targets?: () => readonly Chosen[];
  readonly commands: readonly CommandEntry[];
  /** What was entered into fields before, by their names, newest last. */
  readonly entered: Readonly<Record<string, readonly string[]>>;
}

/** A row that can be acted on. */
export interface Chosen {
  readonly kind: "container" | "image" | "network" | "volume" | "command" | "event";
  /** What commands call it: a container's name, an image's name or id; of a command its words. */
  readonly reference: string;
  readonly id: string;
  readonly container?: ContainerState;
  /** Of an image: number of the layer that is chosen, 1 for the lowest. */
  readonly layer?: number;
  /** Of a network: whose bridge it is, where it is not tsns's. */
  readonly foreign?: string;
  /** Of a command: it has not ended. */
  readonly isRunning?: boolean;
}

export type PartMessage =
  | { readonly kind: "key"; readonly key: Key }
  | { readonly kind: "mouse"; readonly mouse: Mouse }
  /** Something has been fed; it is in the surroundings as well. */
  | { readonly kind: "fed"; readonly fed: FedValue }
  /** A list is to show this row. */
  | { readonly kind: "show"; readonly row: string };

export interface Change<S> {
  readonly state: S;
  readonly effects?: readonly Effect[];
  /** The message meant nothing here: whoever comes next is asked. */
  readonly isUnused?: boolean;
}

export interface KeyHint {
  /** As a person reads it: "/", "F6", "Space". */
  readonly key: string;
  readonly does: string;
  /** Also in the line at the bottom. */
  readonly isShown?: boolean;
}

export interface Part<S> {
  /** Of the state that is kept between runs and of `go`. */
  readonly name: string;
  readonly title: string;
  /** Its title where there is little room. */
  readonly short?: string;
  readonly initial: S;
  /** In which nothing is closed: for paper. Absent: the initial one. */
  readonly whole?: S;
  /** Of a tab: it has nothing to do with the chosen row. */
  readonly isFree?: true;
  /** Of a tab: it shows whatever is marked, also where no row is chosen. */
  readonly isOfSeveral?: true;
  needs(state: S, around: Surroundings): readonly Need[];
  update(state: S, message: PartMessage, around: Surroundings): Change<S>;
  draw(state: S, around: Surroundings): Drawn;
  keys(state: S, around: Surroundings): readonly KeyHint[];
  /** In the upper edge of its frame, at the right, where it has room. */
  note?(state: S, around: Surroundings): Line;
  /** What is worth keeping between runs, as JSON, and its way back: undefined for what is not understood. */
  readonly keep?: { save(state: S): unknown; restore(kept: unknown): S | undefined };
}

/** One of the views: a list of things of which one is chosen. */
export interface View<S> extends Part<S> {
  chosen(state: S, around: Surroundings): Chosen | undefined;
  /** The marked rows, or the chosen one. */
  targets(state: S, around: Surroundings): readonly Chosen[];
  /** What its tabs say when they have nothing to tell of: why, and what to do. */
  absent?(state: S, around: Surroundings): readonly string[];
  /** Names of the tabs that tell more of the chosen row. */
  readonly tabs: readonly string[];
  readonly actions: readonly Action[];
}

/** A part whose state only it knows. */
export type SealedPart = Part<unknown>;
export type SealedView = View<unknown>;

/** Forgets the type of the state. Whoever holds the part hands it its own state alone. */
export const sealPart = <S>(part: Part<S>): SealedPart => part as unknown as SealedPart;
export const sealView = <S>(view: View<S>): SealedView => view as unknown as SealedView;

/** Lies on top of the screen and gets all keys; as large as its drawing asks. */
export interface Dialog {
  readonly part: SealedPart;
  readonly state: unknown;
  /** Cells it would like to have, its frame included. */
  readonly wants: (screen: Size) => Size;
}

/** A dialog of a part in its first state, or in another one. */
export const dialogOf = <S>(part: Part<S>, wants: Dialog["wants"], state: S = part.initial): Dialog => ({
  part: sealPart(part),
  state,
  wants,
});
