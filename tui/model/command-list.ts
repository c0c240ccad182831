// Which of the commands that were run are listed. Pure.
import type { CommandEntry } from "./part.ts";

/** Without those that dialogs ask for. */
export const listedCommands = (commands: readonly CommandEntry[]): readonly CommandEntry[] =>
  commands.filter(({ place }) => place !== "aside");
