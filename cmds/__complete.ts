// `tsns __complete -- WORDS...`: what the completion scripts ask at every press of Tab. Never complains: what cannot be
// found out is not offered.
import { existsSync } from "node:fs";
import { shortId } from "../src/base/id.ts";
import { escapeControl } from "../src/base/text.ts";
import { observeContainer } from "../src/engine/container/observe.ts";
import { type Engine, openEngine } from "../src/engine/engine.ts";
import { hostImageName } from "../src/image/host.ts";
import { listContainerRecords } from "../src/store/container-record.ts";
import { listImages } from "../src/store/image-record.ts";
import { listNetworks } from "../src/store/network-record.ts";
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
    found = engine ? names(engine, what, prefix) : [];
  } catch {
    // No privilege to read the store: there is nothing to offer.
  }
  if (what === "image") found.push({ word: hostImageName.replace(/:latest$/, ""), describe: "this machine's own root file system" });
  const unique = new Map(found.map((candidate) => [candidate.word, candidate]));
  return [...unique.values()]
    .filter(({ word }) => word.startsWith(prefix))
    .map(({ word, describe }) => ({ word: before + word, ...(describe ? { describe } : {}) }));
}

function names(engine: Engine, what: "container" | "running" | "image" | "network", prefix: string): Candidate[] {
  if (what === "network") return listNetworks(engine.store).map(({ spec }) => ({ word: spec.name }));
  if (what === "image") {
    return listImages(engine.store).flatMap((image) => image.names.map((name) => ({ word: name.replace(/:latest$/, "") })));
  }
  const records = listContainerRecords(engine.store).filter(
    (record) => what !== "running" || observeContainer(engine, record).status === "running",
  );
  const byName = records.map(({ name, spec }) => ({ word: name, describe: spec.imageName }));
  // Ids only when the word can be nothing else.
  const byId = /^[0-9a-f]{2,}$/.test(prefix) ? records.map(({ id, name }) => ({ word: shortId(id), describe: name })) : [];
  return [...byName, ...byId];
}
