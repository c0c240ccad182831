// Reads a layer directory in small pieces, for who has something else to do meanwhile: every entry, a directory before what it holds.
// For layers of images, which nobody changes; walk.ts reads those that may change under one's feet.
import { lstatSync, readdirSync } from "node:fs";
import { isErrno, KernelError } from "../../base/error.ts";
import type { LayerEntry } from "../../layer/entry.ts";
import { type ByteString, toByteString, toFsPath } from "../tree/path.ts";
import { entryOf } from "./walk.ts";
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
  const top = toByteString(directory);
  const marked = (entries: readonly LayerEntry[]) => (withMarks ? withAttributes(directory, entries) : entries);
  let batch: LayerEntry[] = [];
  const queue: ByteString[] = [""];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    for (const name of namesIn(`${top}/${path}`)) {
      const inner = path === "" ? name : `${path}/${name}`;
      const entry = readEntryAt(top, inner);
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

function readEntryAt(top: ByteString, path: ByteString): LayerEntry | undefined {
  return quietly("lstat", top, () => {
    const stat = lstatSync(toFsPath(`${top}/${path}`), { bigint: true, throwIfNoEntry: false });
    return stat && entryOf(path, stat);
  });
}

const namesIn = (path: ByteString): readonly ByteString[] =>
  quietly("open", path, () => readdirSync(toFsPath(path), { encoding: "latin1" }).sort()) ?? [];

function quietly<T>(call: string, path: ByteString, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "ENAMETOOLONG")) return undefined;
    if (isErrno(error, "EACCES", "EPERM")) throw new KernelError(call, "EACCES", path, { cause: error, hint: "run as root" });
    throw error;
  }
}
