// What may follow on a half-typed command line: decided from the tree and the option table of the command. Pure but for
// loading the command's file; names of containers and images are looked up by the caller.

import type { Option, OptionTable } from "./command.ts";
import { globalOptions } from "./option/global.ts";
import { groupWords, topWords } from "./route.ts";
import { tableOf } from "./start.ts";
import { findEntry, groups } from "./tree.ts";

export interface Candidate {
  readonly word: string;
  readonly describe?: string;
}

export type Completion =
  | { readonly kind: "words"; readonly candidates: readonly Candidate[] }
  /** Names of objects; `before` is what of the word stays in front of them ("--network="). */
  | {
      readonly kind: "names";
      readonly what: "container" | "running" | "image" | "network" | "volume" | "link" | "bridge";
      readonly before: string;
      readonly prefix: string;
    }
  | { readonly kind: "files" | "directories" };

const nothing: Completion = { kind: "words", candidates: [] };

/** `words`: everything after `tsns` up to the cursor; the last one is the word being typed, perhaps empty. */
export async function complete(words: readonly string[]): Promise<Completion> {
  const before = words.slice(0, -1);
  const current = words.at(-1) ?? "";
  const first = skipOptions(globalOptions, before);
  if (first.pending) return completeValue(first.pending, "", current);
  if (first.words.length === 0) {
    if (current.startsWith("-")) return completeOption(globalOptions, current);
    return fromList(topWords(), current);
  }
  const helped = first.words[0] === "help" ? 1 : 0;
  let typed = "";
  for (const [at, word] of first.words.entries()) {
    if (at < helped) continue;
    typed = typed === "" ? word : `${typed} ${word}`;
    const next = first.words[at + 1];
    if (next !== undefined && findEntry(typed) && findEntry(`${typed} ${next}`)) continue;
    if (findEntry(typed)) return helped ? nothing : await completeCommand(typed, first.words.slice(at + 1), current);
    if (!Object.hasOwn(groups, typed)) return nothing;
  }
  return fromList(typed === "" ? topWords() : groupWords(typed), current);
}

async function completeCommand(words: string, rest: readonly string[], current: string): Promise<Completion> {
  const entry = findEntry(words);
  if (!entry) return nothing;
  const { command } = await entry.load();
  const table = tableOf(command);
  const interspersed = command.interspersed ?? true;
  let left = skipOptions(table, rest);
  let count = 0;
  while (interspersed && left.words.length > 0 && !left.ended) {
    count++;
    left = skipOptions(table, left.words.slice(1));
  }
  count += left.words.length;
  const optionsPossible = !left.ended && (interspersed || count === 0);
  if (optionsPossible && left.pending) return completeValue(left.pending, "", current);
  if (optionsPossible && current.startsWith("-")) {
    const equals = current.indexOf("=");
    if (equals === -1) return completeOption(table, current);
    const option = findOption(table, current.slice(0, equals));
    return option ? completeValue(option, current.slice(0, equals + 1), current.slice(equals + 1)) : nothing;
  }
  if (count >= command.arity[1]) return nothing;
  // After an image or a container that takes a command, the words are that command's.
  if (!interspersed && count > 0) return { kind: "files" };
  const { completes } = command;
  return completeWhat(Array.isArray(completes) ? (completes[count] ?? completes.at(-1)) : completes, "", current);
}

interface Skipped {
  /** From the first argument on. */
  readonly words: readonly string[];
  /** An option that waits for its value. */
  readonly pending?: Option;
  /** "--" was there. */
  readonly ended: boolean;
}

function skipOptions(table: OptionTable, words: readonly string[]): Skipped {
  let at = 0;
  while (at < words.length) {
    const word = words[at] ?? "";
    if (word === "--") return { words: words.slice(at + 1), ended: true };
    if (word === "-" || !word.startsWith("-")) break;
    at++;
    const option = word.includes("=") ? undefined : findOption(table, word);
    if (!option || option.type === "boolean" || option.bare !== undefined) continue;
    if (at === words.length) return { words: [], pending: option, ended: false };
    at++;
  }
  return { words: words.slice(at), ended: false };
}

/** The option a word names; of combined short ones the last. */
function findOption(table: OptionTable, word: string): Option | undefined {
  const isLong = word.startsWith("--");
  const spelling = isLong ? word.slice(2) : word.slice(-1);
  const name = Object.keys(table).find((key) =>
    isLong ? key === spelling || table[key]?.aliases?.includes(spelling) : table[key]?.short === spelling,
  );
  return name === undefined ? undefined : table[name];
}

function completeOption(table: OptionTable, current: string): Completion {
  const candidates: Candidate[] = [];
  for (const name of Object.keys(table).sort()) {
    const option = table[name];
    if (option && !option.hidden) candidates.push({ word: `--${name}`, describe: option.describe });
  }
  candidates.push({ word: "--help", describe: "Print help" });
  return { kind: "words", candidates: candidates.filter(({ word }) => word.startsWith(current)) };
}

function completeValue(option: Option, before: string, prefix: string): Completion {
  if (option.choices) return fromList(option.choices, prefix, before);
  // A container can stand where a network does: its own is shared.
  const other = "container:";
  if (option.completes === "network" && prefix.startsWith(other))
    return completeWhat("running", before + other, prefix.slice(other.length));
  return completeWhat(option.completes, before, prefix);
}

function completeWhat(what: Option["completes"], before: string, prefix: string): Completion {
  if (what === undefined) return nothing;
  if (what === "file") return { kind: "files" };
  if (what === "directory") return { kind: "directories" };
  return { kind: "names", what, before, prefix };
}

function fromList(words: readonly string[], prefix: string, before = ""): Completion {
  return { kind: "words", candidates: words.filter((word) => word.startsWith(prefix)).map((word) => ({ word: before + word })) };
}
