// What a change of state asks of the world around it. The state itself changes nothing; run.ts performs these.
import type { Words } from "./action.ts";
import type { Dialog, Key, Mouse } from "./part.ts";

/** How a command of tsns is run. */
export type CommandPlace =
  /** Behind the screen; its end is told, an error shown. */
  | "quiet"
  /** Its output on top of the screen, as it comes. */
  | "watched"
  /** The terminal is its own until it ends. */
  | "terminal"
  /** In a pane of the screen, with a terminal of its own. */
  | "pane"
  /** For a dialog that shows what it says: neither told of nor listed. It changes nothing (`--dry-run`). */
  | "aside";

/** What a plan is shown as: steps with reasons, or a script for a shell. */
export type PlanForm = "plan" | "script";

export type Effect =
  | { readonly kind: "quit" }
  /** Ctrl-Z. */
  | { readonly kind: "suspend" }
  /** Draws the screen anew, whatever the terminal shows. */
  | { readonly kind: "redraw" }
  /** Runs `tsns WORDS`; it stands in the list of commands. `label`: what whoever asked finds it by there. */
  | { readonly kind: "command"; readonly words: Words; readonly place: CommandPlace; readonly label?: string }
  /** Sends a signal to a command that runs, by its number in the list. */
  | { readonly kind: "signal"; readonly number: number; readonly signal: "SIGINT" | "SIGTERM" }
  /** For the program in a pane, by the number of its command. */
  | { readonly kind: "pane.key"; readonly number: number; readonly key: Key }
  | { readonly kind: "pane.mouse"; readonly number: number; readonly mouse: Mouse }
  /** Takes a pane away; a program that still runs there is hung up. */
  | { readonly kind: "pane.close"; readonly number: number }
  /** Shows what these commands would do: `tsns WORDS --dry-run`. */
  | { readonly kind: "explain"; readonly commands: readonly Words[]; readonly form: PlanForm }
  /** Keeps what was entered into a field, for the next time. */
  | { readonly kind: "remember"; readonly field: string; readonly text: string }
  /** Writes a file; one that is there only with `overwrites`. */
  | { readonly kind: "save"; readonly path: string; readonly text: string; readonly overwrites: boolean }
  /** Lays a dialog on top; `close` takes the topmost away. */
  | { readonly kind: "open"; readonly dialog: Dialog }
  | { readonly kind: "close" }
  /** One line at the bottom until the next key. */
  | { readonly kind: "say"; readonly text: string; readonly role?: "plain" | "good" | "bad" }
  /** Goes to a view or a tab, and to a row there. */
  | { readonly kind: "go"; readonly view?: string; readonly tab?: string; readonly row?: string };

export const commandEffect = (words: Words, place: CommandPlace = "quiet"): Effect => ({ kind: "command", words, place });
