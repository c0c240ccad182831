// What can happen to the dashboard.
import type { Size } from "../draw/cell.ts";
import type { Words } from "./action.ts";
import type { CommandPlace } from "./effect.ts";
import type { FedValue } from "./need.ts";
import type { PaneMessage } from "./pane.ts";
import type { Key, Mouse } from "./part.ts";

interface CommandBegun {
  readonly number: number;
  readonly words: Words;
  readonly place: CommandPlace;
  readonly label?: string | undefined;
  readonly atMs: number;
}

export type Message =
  | PaneMessage
  | { readonly kind: "key"; readonly key: Key }
  /** In cells of the screen. */
  | { readonly kind: "mouse"; readonly mouse: Mouse }
  | { readonly kind: "resize"; readonly size: Size }
  | { readonly kind: "fed"; readonly fed: FedValue }
  /** What could not be fed, in one line. */
  | { readonly kind: "failed"; readonly text: string }
  /** Time goes on: ages on the screen. */
  | { readonly kind: "tick"; readonly nowMs: number }
  /** Too many run: it is started when its turn comes. */
  | ({ readonly kind: "command.waiting" } & CommandBegun)
  | ({ readonly kind: "command.started" } & CommandBegun)
  | { readonly kind: "command.output"; readonly number: number; readonly text: string }
  /** `code`: as a shell has it; `signal`: the one that ended it. */
  | {
      readonly kind: "command.ended";
      readonly number: number;
      readonly code: number;
      readonly signal?: string | undefined;
      readonly atMs: number;
    };
