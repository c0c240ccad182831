// What can be done to rows: the key, when it means something, what happens. Pure; the tables are in action/.
import type { Effect } from "./effect.ts";
import type { Chosen, Surroundings } from "./part.ts";

/** The words of a command, without `tsns`. */
export type Words = readonly string[];

export interface Action {
  readonly name: string;
  /** Name of the key as Key has it. */
  readonly key: string;
  /** Other keys that do the same. */
  readonly also?: readonly string[];
  /** In menus and help. */
  readonly does: string;
  /** Why it means nothing for these rows as they are, in a few words; undefined: it does. */
  refusal(rows: readonly Chosen[]): string | undefined;
  /** What happens: commands, or a dialog that asks first. */
  perform(rows: readonly Chosen[], around: Surroundings): readonly Effect[];
}

/** Whether a key is one of the action's. */
export const hasKey = ({ key, also = [] }: Action, name: string): boolean => key === name || also.includes(name);

const quoted = (word: string): string => (/^[\p{L}\p{N}_@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** Words as a shell reads them back. */
export const renderWords = (words: Words): string => words.map(quoted).join(" ");

/** A command for people: `tsns stop web db`. */
export const renderCommand = (words: Words): string => renderWords(["tsns", ...words]);
