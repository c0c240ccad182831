// What can be done to rows: the key, the words of the tsns command, what is asked before. Pure; the tables are in action/.
import type { CommandPlace, Effect } from "./effect.ts";
import type { Chosen, Surroundings } from "./part.ts";

export interface Action {
  readonly name: string;
  /** Name of the key as Key has it. */
  readonly key: string;
  /** In menus and help. */
  readonly does: string;
  /** Whether it means something for these rows as they are. */
  isFor(rows: readonly Chosen[]): boolean;
  /** What happens: commands, or a dialog that asks first. */
  perform(rows: readonly Chosen[], around: Surroundings): readonly Effect[];
}

/** A command for people: `tsns stop web db`. */
export const renderCommand = (words: readonly string[]): string =>
  ["tsns", ...words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))].join(" ");

export const commandEffect = (words: readonly string[], place: CommandPlace = "quiet"): Effect => ({ kind: "command", words, place });
