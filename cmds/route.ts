// The words before a command's own: global options and which command is meant. Loads nothing.
import { nearest } from "../src/base/text.ts";
import { globalOptions } from "./option/global.ts";
import { parseOptions } from "./parse.ts";
import { type Entry, findEntry, groups, spellings, tree } from "./tree.ts";
import { usageError } from "./usage-error.ts";

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
  const { values, args, help, problems } = parseOptions(globalOptions, argv, false);
  if (problems.length > 0) throw usageError("", problems);
  if (values.version === true) return { kind: "version" };
  const globals = { root: typeof values.root === "string" ? values.root : undefined, debug: values.debug === true };
  if (help || args.length === 0) return { kind: "help", words: "" };
  const asksHelp = args[0] === "help";
  const route = findCommand(asksHelp ? args.slice(1) : args, globals);
  return asksHelp && route.kind === "command" ? { ...route, rest: ["--help"] } : route;
}

function findCommand(args: readonly string[], globals: Globals): Route {
  const [first = "", second] = args;
  if (first === "") return { kind: "help", words: "" };
  const single = findEntry(first);
  if (single) return { kind: "command", entry: single, words: first, rest: args.slice(1), globals };
  if (!Object.hasOwn(groups, first)) throw unknownCommand("", first, topWords());
  if (second === undefined || second === "--help" || second === "-h") return { kind: "help", words: first };
  const words = `${first} ${second}`;
  const entry = findEntry(words);
  if (!entry) throw unknownCommand(first, second, groupWords(first));
  return { kind: "command", entry, words, rest: args.slice(2), globals };
}

function unknownCommand(group: string, word: string, candidates: readonly string[]): Error {
  if (word.startsWith("-")) return usageError(group, [`unknown flag: ${word}`]);
  const [guess] = nearest(word, candidates);
  const problem = `unknown command: tsns ${group === "" ? "" : `${group} `}${word}`;
  return usageError(group, [guess === undefined ? problem : `${problem}, did you mean ${guess}?`], 1);
}

/** What may stand right after `tsns`: short spellings and groups that have commands. */
export function topWords(): string[] {
  const words = tree.flatMap((entry) => (entry.topic ? spellings(entry).filter((spelling) => !spelling.includes(" ")) : []));
  const used = Object.keys(groups).filter((group) => groupWords(group).length > 0);
  return [...new Set([...words, ...used, "help"])].sort();
}

/** Second words of a group, aliases included. */
export function groupWords(group: string): string[] {
  const words = tree.flatMap((entry) => (entry.topic ? spellings(entry) : [])).filter((spelling) => spelling.startsWith(`${group} `));
  return words.map((spelling) => spelling.slice(group.length + 1)).sort();
}
