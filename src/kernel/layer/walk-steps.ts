// Reads a layer directory in small pieces, for who has something else to do meanwhile: every entry, a directory before what it holds.
// For layers of images, which nobody changes; walk.ts reads those that may change under one's feet.
import { KernelError } from "../../base/error.ts";
import type { LayerEntry } from "../../layer/entry.ts";
import type { ByteString } from "../tree/path.ts";
import { readEntry, readNames } from "./walk.ts";
import { readXattrs } from "./xattr.ts";

/** Entries between two rests, and those whose attributes one run of the native program reads. */
const stepEntries = 64;
const batchEntries = 2048;

/**
 * Yields entries a few at a time; `withMarks`: with the attributes that say what overlay takes them for, those of directories and of empty
 * files, which the lowest layer needs none of, as nothing below it could be hidden. None of a layer that has been removed. What lies deeper
 * than a path may be long is left out. Throws KernelError EACCES.
 */
export function* walkInSteps(directory: string, withMarks: boolean): Generator<readonly LayerEntry[], void> {
  const marked = (entries: readonly LayerEntry[]) => (withMarks ? withAttributes(directory, entries) : entries);
  let batch: LayerEntry[] = [];
  const queue: ByteString[] = [""];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    for (const name of unlessTooLong(readNames, directory, path) ?? []) {
      const inner = path === "" ? name : `${path}/${name}`;
      const entry = unlessTooLong(readEntry, directory, inner);
      if (!entry) continue;
      batch.push(entry);
      if (entry.type === "directory") queue.push(inner);
      if (batch.length % stepEntries === 0) yield [];
      if (batch.length < batchEntries) continue;
      yield* inPieces(marked(batch));
      batch = [];
    }
  }
  yield* inPieces(marked(batch));
}

function* inPieces(entries: readonly LayerEntry[]): Generator<readonly LayerEntry[], void> {
  for (let at = 0; at < entries.length; at += stepEntries) yield entries.slice(at, at + stepEntries);
}

const mayBeMarked = ({ type, sizeBytes }: LayerEntry): boolean => type === "directory" || (type === "file" && sizeBytes === 0);

function withAttributes(directory: string, entries: readonly LayerEntry[]): readonly LayerEntry[] {
  const paths = entries.filter(mayBeMarked).map(({ path }) => path);
  const xattrs = readXattrs(directory, paths);
  return xattrs.size === 0 ? entries : entries.map((entry) => ({ ...entry, xattrs: xattrs.get(entry.path) ?? entry.xattrs }));
}

/** Undefined for what lies deeper than a path may be long. */
function unlessTooLong<T>(read: (directory: string, path: ByteString) => T, directory: string, path: ByteString): T | undefined {
  try {
    return read(directory, path);
  } catch (error) {
    if (error instanceof KernelError && error.errno === "ENAMETOOLONG") return undefined;
    throw error;
  }
}
