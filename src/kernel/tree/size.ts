// How large a tree is: what its files hold, and what the file system spends on it. Follows no links, crosses into no other file system.
import { type Dir, lstatSync, opendirSync, readdirSync, type Stats } from "node:fs";
import { isErrno } from "../../base/error.ts";
import { type ByteString, toByteString, toFsPath } from "./path.ts";

export interface TreeSize {
  /** Sum of the sizes of regular files, one with several names once: docker's size of a layer. */
  readonly fileBytes: number;
  /** Allocated blocks, directories included: what du(1) says. */
  readonly diskBytes: number;
  /** Directories, files, links and nodes. */
  readonly entries: number;
}

interface Sum {
  fileBytes: number;
  diskBytes: number;
  entries: number;
  readonly device: number;
  /** Inodes with several names that were met. */
  readonly linked: Set<number>;
}

/** What vanishes meanwhile, or may not be read, counts nothing; a missing `path` is 0. `linked`: inodes that were counted elsewhere already. */
export function measureSize(path: string, linked: Set<number> = new Set()): TreeSize {
  const steps = sizeSteps(path, linked);
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
}

/** The same, with a stop after every few hundred entries at most, for who has something else to do meanwhile. */
export function* sizeSteps(path: string, linked: Set<number> = new Set()): Generator<void, TreeSize> {
  const top = toByteString(path);
  const stat = tryStat(top);
  if (!stat) return { fileBytes: 0, diskBytes: 0, entries: 0 };
  const sum: Sum = { fileBytes: 0, diskBytes: 0, entries: 0, device: stat.dev, linked };
  const queue: { readonly path: ByteString; readonly isLarge: boolean }[] = [];
  if (add(sum, stat)) queue.push({ path: top, isLarge: stat.size > largeBytes });
  for (let directory = queue.pop(); directory !== undefined; directory = queue.pop()) {
    for (const name of directory.isLarge ? namesInParts(directory.path) : namesOf(directory.path)) {
      const below = `${directory.path}/${name}`;
      const entry = tryStat(below);
      if (entry && add(sum, entry)) queue.push({ path: below, isLarge: entry.size > largeBytes });
      if (sum.entries % stepEntries === 0) yield;
    }
  }
  return { fileBytes: sum.fileBytes, diskBytes: sum.diskBytes, entries: sum.entries };
}

const stepEntries = 256;
/** A directory of some ten thousand names: to read them all at once takes a while. */
const largeBytes = 1 << 20;

/** True for a directory to go into. */
function add(sum: Sum, stat: Stats): boolean {
  if (stat.dev !== sum.device) return false;
  if (stat.nlink > 1 && !stat.isDirectory()) {
    if (sum.linked.has(stat.ino)) return false;
    sum.linked.add(stat.ino);
  }
  sum.entries++;
  sum.diskBytes += stat.blocks * 512;
  if (stat.isFile()) sum.fileBytes += stat.size;
  return stat.isDirectory();
}

function namesOf(directory: ByteString): readonly ByteString[] {
  try {
    return readdirSync(toFsPath(directory), { encoding: "latin1" });
  } catch (error) {
    if (isUnreadable(error)) return [];
    throw error;
  }
}

/** The same, a few hundred at a time: slower, and nobody waits for the last one. */
function* namesInParts(path: ByteString): Generator<ByteString> {
  let directory: Dir;
  try {
    directory = opendirSync(toFsPath(path), { encoding: "latin1", bufferSize: 512 });
  } catch (error) {
    if (isUnreadable(error)) return;
    throw error;
  }
  try {
    for (let entry = directory.readSync(); entry; entry = directory.readSync()) yield entry.name;
  } finally {
    directory.closeSync();
  }
}

function tryStat(path: ByteString): Stats | undefined {
  try {
    return lstatSync(toFsPath(path), { throwIfNoEntry: false });
  } catch (error) {
    if (isUnreadable(error)) return undefined;
    throw error;
  }
}

function isUnreadable(error: unknown): boolean {
  return isErrno(error, "ENOENT", "ENOTDIR", "EACCES", "ENAMETOOLONG");
}
