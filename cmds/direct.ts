// The way into a shipped command's own file, for the usual case that its words come first: no tree is loaded.
import { enterProcess } from "./process.ts";
import { start } from "./start.ts";
import type { AnyCommand } from "./tree.ts";

/** Runs the command whose words (one or two) stand right after `tsns`, with no global option before them. Ends the process. */
export async function runCommand(command: AnyCommand, words: string): Promise<never> {
  const host = enterProcess();
  const rest = process.argv.slice(words.includes(" ") ? 4 : 3);
  return process.exit(await start(command, { words, rest, globals: { root: undefined, debug: false }, host }));
}
