// The words before a command's own: global options and which command is meant. Loads nothing.
import { nearest } from "../src/base/text.ts";
import { isValued, wordFirst } from "./oci/words.ts";
import { globalOptions } from "./option/global.ts";
import { parseOptions } from "./parse.ts";
import { type Entry, findEntry, groups, spellings, tree } from "./tree.ts";
import { isToolkit, toolkitExitCode, usageError } from "./usage-error.ts";

export interface Globals {
  readonly root: string | undefined;
  readonly debug: boolean;
}

export type Route =
  | { readonly kind: "version" }
  /** Help of tsns itself (empty words) or of a group. */
  | { readonly kind: "help"; readonly words: string }
  | {
      readonly kind: "command";
      readonly entry: Entry;
      readonly words: string;
      readonly rest: readonly string[];
      readonly globals: Globals;
    };

/** Throws TsnsError invalid for unknown words and options. */
export function route(argv: readonly string[]): Route {
  const { values, args: given, help, problems } = parseOptions(globalOptions, argv, false);
  if (problems.length > 0) throw usageError("", problems);
  if (values.version === true) return { kind: "version" };
  // Callers of an OCI runtime give its options before the word.
  const args = given[0] === "oci" ? ["oci", ...wordFirst(given.slice(1))] : given;
  const globals = { root: typeof values.root === "string" ? values.root : undefined, debug: values.debug === true };
  if (help || args.length === 0) return { kind: "help", words: "" };
  const asksHelp = args[0] === "help";
  const asked = args.slice(1);
  const route = findCommand(asksHelp ? [...asked, ...(asked.length > 0 ? ["--help"] : [])] : args, globals);
  return asksHelp && route.kind === "command" ? { ...route, rest: ["--help"] } : route;
}

function findCommand(args: readonly string[], globals: Globals): Route {
  let group = "";
  for (const [at, word] of args.entries()) {
    if (word === "" || (group !== "" && (word === "--help" || word === "-h"))) break;
    const words = group === "" ? word : `${group} ${word}`;
    const entry = findEntry(words);
    if (entry) return longest({ kind: "command", entry, words, rest: args.slice(at + 1), globals });
    if (!Object.hasOwn(groups, words)) throw unknownCommand(group, word, group === "" ? topWords() : groupWords(group));
    group = words;
  }
  return { kind: "help", words: group };
}

/** A longer command that begins with these words, where enough follows it. */
function longest(found: Extract<Route, { kind: "command" }>): Route {
  const [next, ...rest] = found.rest;
  const words = `${found.words} ${next}`;
  const entry = next === undefined ? undefined : findEntry(words);
  if (!entry) return found;
  const isEnough = rest.some(isHelp) || rest.filter((word) => !word.startsWith("-")).length >= (entry.least ?? 0);
  return isEnough ? longest({ ...found, entry, words, rest }) : found;
}

const isHelp = (word: string): boolean => word === "--help" || word === "-h";

function unknownCommand(group: string, word: string, candidates: readonly string[]): Error {
  // Every option that there is comes after the word by now, unless its value is missing. Callers of a runtime know 1.
  if (group === "oci" && word.startsWith("-"))
    return usageError(group, [`${isValued(word) ? "flag needs an argument" : "unknown flag"}: ${word}`], 1);
  if (word.startsWith("-")) return usageError(group, [`unknown flag: ${word}`]);
  const [guess] = nearest(word, candidates);
  const problem = `unknown command: tsns ${group === "" ? "" : `${group} `}${word}`;
  return usageError(group, [guess === undefined ? problem : `${problem}, did you mean ${guess}?`], isToolkit(group) ? toolkitExitCode : 1);
}

/** What may stand right after `tsns`: short spellings and groups that have commands. */
export function topWords(): string[] {
  const words = tree.flatMap((entry) => (entry.topic ? spellings(entry).map((spelling) => spelling.replace(/ .*/, "")) : []));
  return [...new Set([...words, "help"])].sort();
}

/** The words that may follow a group's, aliases included. */
export function groupWords(group: string): string[] {
  const words = tree.flatMap((entry) => (entry.topic ? spellings(entry) : [])).filter((spelling) => spelling.startsWith(`${group} `));
  return [...new Set(words.map((spelling) => spelling.slice(group.length + 1).replace(/ .*/, "")))].sort();
}
