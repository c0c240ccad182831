// What a change of state asks of the world around it. The state itself changes nothing; run.ts performs these.
import type { Dialog } from "./part.ts";

/** How a command of tsns is run. */
export type CommandPlace =
  /** Behind the screen; its end is told, an error shown. */
  | "quiet"
  /** Its output on top of the screen, as it comes. */
  | "watched"
  /** The terminal is its own until it ends. */
  | "terminal"
  /** In a pane of the screen, with a terminal of its own. */
  | "pane";

export type Effect =
  | { readonly kind: "quit" }
  /** Ctrl-Z. */
  | { readonly kind: "suspend" }
  /** Draws the screen anew, whatever the terminal shows. */
  | { readonly kind: "redraw" }
  /** Runs `tsns WORDS`; it stands in the list of commands. */
  | { readonly kind: "command"; readonly words: readonly string[]; readonly place: CommandPlace }
  /** Shows `tsns WORDS --dry-run`. */
  | { readonly kind: "explain"; readonly words: readonly string[] }
  /** Lays a dialog on top; `close` takes the topmost away. */
  | { readonly kind: "open"; readonly dialog: Dialog }
  | { readonly kind: "close" }
  /** One line at the bottom until the next key. */
  | { readonly kind: "say"; readonly text: string; readonly role?: "plain" | "good" | "bad" }
  /** Goes to a view or a tab, and to a row there. */
  | { readonly kind: "go"; readonly view?: string; readonly tab?: string; readonly row?: string };
