// The collector: files of the content store that nothing leads to any more are taken away. Files are only touched after the rows that
// led to them are gone, and in a transaction: beside commands that bring images, and after a kill at any moment, the store is whole.
import { readdirSync, statSync } from "node:fs";
import { basename } from "node:path";
import { isErrno } from "../../base/error.ts";
import { isRunning } from "../../kernel/proc/identity.ts";
import { displaceTree } from "../../kernel/tree/layer.ts";
import { removeTree } from "../../kernel/tree/remove.ts";
import { measureSize } from "../../kernel/tree/size.ts";
import type { Database } from "../../store/database.ts";
import { layerPath } from "../../store/layer.ts";
import { forgetUnreachable, readReachable } from "../../store/reachable.ts";
import { freeingTransaction } from "../../store/reserve.ts";
import { temporaryPath } from "../../store/temporary.ts";
import type { Engine } from "../engine.ts";
import { sweepTemporaries } from "./commit.ts";

export interface Garbage {
  readonly kind: "blob" | "layer";
  readonly path: string;
}

export interface Collected {
  /** Paths below the data root that are gone. */
  readonly removed: readonly string[];
  /** What the file system has back of them. */
  readonly bytes: number;
}

/** Files below blobs/ and layers/ that nothing leads to; `without`: as if these images were not there. */
export function findGarbage(engine: Engine, store: Database = engine.store, without: ReadonlySet<string> = new Set()): Garbage[] {
  // Names first: what a command brings while the rows are read is in them, and not among the names.
  const folder = `${engine.root}/blobs/sha256`;
  const blobNames = namesIn(folder).filter((name) => /^[0-9a-f]{64}$/.test(name));
  const layerNames = namesIn(`${engine.root}/layers`);
  const { blobs, layers } = readReachable(store, isRunning, without);
  const wanted = new Set([...layers].map((diffId) => basename(layerPath(engine.root, diffId))));
  return [
    ...blobNames.filter((name) => !blobs.has(`sha256:${name}`)).map((name): Garbage => ({ kind: "blob", path: `${folder}/${name}` })),
    ...layerNames
      .filter((name) => !wanted.has(name.replace(/\.(recipe|displaced)$/, "")))
      .map((name): Garbage => ({ kind: "layer", path: `${engine.root}/layers/${name}` })),
  ];
}

/**
 * Takes away what nothing leads to, and unfinished work of commands that are no more. `only`: no other paths than these. `measure` false
 * saves the walk through the layers; `bytes` then counts blobs alone.
 */
export function collectBlobs(engine: Engine, options: { readonly only?: ReadonlySet<string>; readonly measure?: boolean } = {}): Collected {
  if (!options.only) sweepTemporaries(engine);
  const displaced: { readonly from: string; readonly to: string }[] = [];
  // Whoever brings an image puts files in place inside a transaction, or holds them before: what is unreachable in this one stays so.
  freeingTransaction(engine.store, engine.root, () => {
    forgetUnreachable(engine.store, isRunning);
    for (const { path } of findGarbage(engine)) {
      if (options.only && !options.only.has(path)) continue;
      const to = temporaryPath(engine.root);
      if (displaceTree(path, to)) displaced.push({ from: path, to });
    }
  });
  let bytes = 0;
  for (const { from, to } of displaced) {
    bytes += options.measure === false && !from.includes("/blobs/") ? 0 : measureSize(to).diskBytes;
    removeTree(to, { within: engine.root });
  }
  return { removed: displaced.map(({ from }) => from), bytes };
}

/** Bytes of a blob that is there, 0 otherwise. */
export function fileBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw error;
  }
}
