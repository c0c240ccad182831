// `tsns __complete -- WORDS...`: what the completion scripts ask at every press of Tab. Never complains: what cannot be
// found out is not offered.
import { existsSync } from "node:fs";
import { escapeControl } from "../src/base/text.ts";
import { type Engine, openEngine } from "../src/engine/engine.ts";
import { listNames } from "../src/engine/name.ts";
import { hostImageName } from "../src/image/host.ts";
import { type Context, defineCommand } from "./command.ts";
import { type Candidate, type Completion, complete } from "./complete.ts";
import { globalOptions } from "./option/global.ts";
import { parseOptions } from "./parse.ts";

export const command = defineCommand({
  path: "__complete",
  usage: "-- WORD...",
  summary: "Print what may follow on a command line",
  options: {},
  arity: [0, 10_000],
  interspersed: false,
  async run(context, { args }) {
    const words = args.length === 0 ? [""] : args;
    const completion = await complete(words);
    const candidates = candidatesOf(completion, () => openRoot(context, words));
    const lines = candidates.map(({ word, describe }) => `${word}${describe ? `\t${escapeControl(describe)}` : ""}`);
    const kind = completion.kind === "files" || completion.kind === "directories" ? completion.kind : "words";
    context.stdout.write([...lines, `:${kind}\n`].join("\n"));
    return 0;
  },
});

/** The engine of the --root on the typed line; undefined where nothing has been stored yet or it may not be read. */
function openRoot(context: Context, words: readonly string[]): Engine | undefined {
  const { root } = parseOptions(globalOptions, words, false).values;
  const engine = typeof root === "string" ? openEngine(root) : context.engine();
  return existsSync(`${engine.root}/store.db`) ? engine : undefined;
}

function candidatesOf(completion: Completion, open: () => Engine | undefined): readonly Candidate[] {
  if (completion.kind === "words") return completion.candidates;
  if (completion.kind !== "names") return [];
  const { before, prefix, what } = completion;
  let found: Candidate[] = [];
  try {
    const engine = open();
    found = engine ? listNames(engine, what, prefix) : [];
  } catch {
    // No privilege to read the store: there is nothing to offer.
  }
  if (what === "image") found.push({ word: hostImageName.replace(/:latest$/, ""), describe: "this machine's own root file system" });
  const unique = new Map(found.map((candidate) => [candidate.word, candidate]));
  return [...unique.values()]
    .filter(({ word }) => word.startsWith(prefix))
    .map(({ word, describe }) => ({ word: before + word, ...(describe ? { describe } : {}) }));
}
