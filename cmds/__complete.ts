// `tsns __complete -- WORDS...`: what the completion scripts ask at every press of Tab. Never complains: what cannot be
// found out is not offered.
import { shortId } from "../src/base/id.ts";
import { escapeControl } from "../src/base/text.ts";
import { listNames } from "../src/engine/completion.ts";
import { openEngine } from "../src/engine/engine.ts";
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
    const candidates =
      completion.kind === "names" ? names(context, words, completion) : completion.kind === "words" ? completion.candidates : [];
    const lines = candidates.map(({ word, describe }) => `${word}${describe ? `\t${escapeControl(describe)}` : ""}`);
    const kind = completion.kind === "files" || completion.kind === "directories" ? completion.kind : "words";
    context.stdout.write([...lines, `:${kind}\n`].join("\n"));
    return 0;
  },
});

/** Names below the --root on the typed line. */
function names(context: Context, words: readonly string[], wanted: Extract<Completion, { kind: "names" }>): Candidate[] {
  const { before, prefix, what } = wanted;
  const { root } = parseOptions(globalOptions, words, false).values;
  try {
    const objects = listNames(typeof root === "string" ? openEngine(root) : context.engine(), what);
    const byName = objects.map(({ name, note }) => candidate(name, note));
    // Ids only when the word can be nothing else.
    const byId = /^[0-9a-f]{2,}$/.test(prefix) ? objects.flatMap(({ id, name }) => (id ? [candidate(shortId(id), name)] : [])) : [];
    return [...byName, ...byId]
      .filter(({ word }) => word.startsWith(prefix))
      .map(({ word, describe }) => candidate(before + word, describe));
  } catch {
    // No privilege to read the store: there is nothing to offer.
    return [];
  }
}

function candidate(word: string, describe: string | undefined): Candidate {
  return describe === undefined ? { word } : { word, describe };
}
