// Words of sh(1), and what a renderer of steps is.
import type { Step } from "../step.ts";

/** Quotes one word for sh(1) where it needs it. */
export function quoteWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Words of one command. */
export const words = (...list: readonly string[]): string => list.map(quoteWord).join(" ");

/** For each kind of a noun's steps the lines of shell with its effect. */
export type Renderers<S extends Step> = { readonly [K in S["kind"]]: (step: Extract<S, { kind: K }>) => string };
