// The way into a shipped command's own file, for the usual case that its words come first: no tree is loaded.
import { enterProcess } from "./process.ts";
import type { start } from "./start.ts";
import type { AnyCommand } from "./tree.ts";

/**
 * Runs the command whose words (separated by blanks) stand right after `tsns`, with no global option before them. `begin`: how commands of its
 * kind begin. Ends the process.
 */
export async function runCommand(command: AnyCommand, words: string, begin: typeof start): Promise<never> {
  const host = enterProcess();
  const rest = process.argv.slice(2 + words.split(" ").length);
  return process.exit(await begin(command, { words, rest, globals: { root: undefined, debug: false }, host }));
}
