// What an upper directory changes in the layers below it, and which of its files are copies. Reads directories; nothing need be mounted.
import { closeSync, readSync } from "node:fs";
import type { CopyUp, LayerChange, LayerUsage } from "../../layer/change.ts";
import { compareMetadata, describeMarks, isOpaque, isWhiteout, type LayerEntry, redirectOf } from "../../layer/entry.ts";
import { type ByteString, toText } from "../tree/path.ts";
import { type Found, type LayerDirectory, type LayerHit, type LayerStack, openStack } from "./stack.ts";
import { openLayerFile, readNames, walkLayer } from "./walk.ts";

/** An entry of the upper directory with what lies below it. */
interface Pair {
  readonly entry: LayerEntry;
  readonly lower?: LayerHit;
  readonly found: Found;
}

const visible = ({ hits }: Found): LayerHit | undefined => hits.find(({ role }) => role === "provides");
const live = (directories: readonly LayerDirectory[]) => directories.filter(({ hiddenBy }) => !hiddenBy);

/** Visits every entry of the upper directory but itself, parents first; `gone` tells names below that an opaque directory hides. */
function visitUpper(
  entries: readonly LayerEntry[],
  stack: LayerStack,
  visit: (pair: Pair) => void,
  gone: (path: ByteString, found: Found) => void,
): void {
  stack.prepare(entries.map(({ path }) => path));
  const below = new Map<ByteString, readonly LayerDirectory[]>([["", stack.root]]);
  const names = new Map<ByteString, Set<ByteString>>();
  for (const { path } of entries) names.set(parentOf(path), (names.get(parentOf(path)) ?? new Set()).add(nameOf(path)));
  for (const entry of entries) {
    if (entry.path === "") continue;
    const found = stack.lookUp(below.get(parentOf(entry.path)) ?? [], nameOf(entry.path));
    const lower = visible(found);
    visit({ entry, found, ...(lower ? { lower } : {}) });
    if (entry.type !== "directory") continue;
    const redirect = redirectOf(entry);
    const origin = redirect === undefined ? found : findRedirect(stack, below.get(parentOf(entry.path)) ?? [], redirect);
    const inside = live(origin.directories);
    below.set(entry.path, isOpaque(entry) ? [] : inside);
    if (!isOpaque(entry)) continue;
    const kept = names.get(entry.path);
    const hidden = [...new Set(inside.flatMap(({ layer, path }) => readNames(stack.directories[layer] ?? "", path)))].sort();
    for (const name of hidden) if (!kept?.has(name)) gone(`${entry.path}/${name}`, stack.lookUp(inside, name));
  }
}

const parentOf = (path: ByteString): ByteString => path.slice(0, Math.max(path.lastIndexOf("/"), 0));
const nameOf = (path: ByteString): ByteString => path.slice(path.lastIndexOf("/") + 1);

function findRedirect(stack: LayerStack, beside: readonly LayerDirectory[], redirect: ByteString): Found {
  let found: Found = { hits: [], directories: redirect.startsWith("/") ? stack.root : beside };
  for (const name of redirect.split("/")) if (name !== "") found = stack.lookUp(live(found.directories), name);
  return found;
}

/** Size of a file, or of all files that are seen in a directory. */
function sizeBelow(stack: LayerStack, found: Found): number {
  const hit = visible(found);
  if (!hit) return 0;
  if (hit.entry.type !== "directory") return hit.entry.type === "file" ? hit.entry.sizeBytes : 0;
  let sum = 0;
  const pending = [live(found.directories)];
  for (let directories = pending.pop(); directories; directories = pending.pop()) {
    const names = new Set(directories.flatMap(({ layer, path }) => readNames(stack.directories[layer] ?? "", path)));
    for (const name of names) {
      const inside = stack.lookUp(directories, name);
      const seen = visible(inside);
      if (seen?.entry.type === "directory") pending.push(live(inside.directories));
      else if (seen?.entry.type === "file") sum += seen.entry.sizeBytes;
    }
  }
  return sum;
}

const sizeOf = (entry: LayerEntry): number => (entry.type === "file" ? entry.sizeBytes : 0);

/** In order of their paths. `lower` uppermost first; without any, everything counts as added. */
export function compareLayer(upper: string, lower: readonly string[]): readonly LayerChange[] {
  const stack = openStack(lower);
  const changes: LayerChange[] = [];
  const deleted = (path: ByteString, found: Found, notes: readonly string[]) => {
    const hit = visible(found);
    const type = hit?.entry.type ?? "file";
    changes.push({ kind: "deleted", path: `/${toText(path)}`, type, sizeBytes: 0, lowerSizeBytes: sizeBelow(stack, found), notes });
  };
  visitUpper(
    walkLayer(upper),
    stack,
    ({ entry, lower: hit, found }) => {
      if (isWhiteout(entry)) return deleted(entry.path, found, hit || lower.length === 0 ? [] : ["nothing is below"]);
      const kind = hit ? "changed" : "added";
      const lowerSizeBytes = hit ? sizeOf(hit.entry) : 0;
      const replaced = hit && hit.entry.type !== entry.type ? [`was a ${hit.entry.type}`] : [];
      changes.push({
        kind,
        path: `/${toText(entry.path)}`,
        type: entry.type,
        sizeBytes: sizeOf(entry),
        lowerSizeBytes,
        notes: [...describeMarks(entry), ...replaced],
      });
    },
    (path, found) => {
      if (visible(found)) deleted(path, found, ["below an opaque directory"]);
    },
  );
  return changes.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** What the upper directory takes, and its copies of files that lie below, largest first. */
export function measureLayer(upper: string, lower: readonly string[]): LayerUsage {
  const stack = openStack(lower);
  const copies: CopyUp[] = [];
  const entries = walkLayer(upper);
  visitUpper(
    entries,
    stack,
    ({ entry, lower: hit }) => {
      if (entry.type !== "file" || hit?.entry.type !== "file" || isWhiteout(entry)) return;
      const same = describeMarks(entry).includes("metadata only") || sameData(upper, entry, stack.directories[hit.layer] ?? "", hit.entry);
      copies.push({
        path: `/${toText(entry.path)}`,
        sizeBytes: entry.sizeBytes,
        allocatedBytes: entry.allocatedBytes,
        reason: same ? "metadata" : "data",
        differs: compareMetadata(entry, hit.entry),
      });
    },
    () => {},
  );
  copies.sort((a, b) => b.allocatedBytes - a.allocatedBytes || (a.path < b.path ? -1 : 1));
  const files = uniqueFiles(entries);
  const sum = (list: readonly { readonly allocatedBytes: number }[]) =>
    list.reduce((total, { allocatedBytes }) => total + allocatedBytes, 0);
  return {
    files: files.length,
    allocatedBytes: sum(files),
    copies,
    copiedBytes: sum(copies),
    wastedBytes: sum(copies.filter(({ reason }) => reason === "metadata")),
  };
}

/** A file with several names counts once. */
function uniqueFiles(entries: readonly LayerEntry[]): readonly LayerEntry[] {
  const seen = new Set<bigint>();
  return entries.filter((entry) => {
    if (entry.type !== "file" || isWhiteout(entry) || seen.has(entry.inode)) return false;
    seen.add(entry.inode);
    return true;
  });
}

const chunkBytes = 256 << 10;

/** Whether two files of layers hold the same bytes; false for one that has gone meanwhile. */
export function sameData(upper: string, one: LayerEntry, lower: string, other: LayerEntry): boolean {
  if (one.sizeBytes !== other.sizeBytes) return false;
  const ours = openLayerFile(upper, one.path);
  const theirs = openLayerFile(lower, other.path);
  try {
    if (ours === undefined || theirs === undefined) return false;
    const [left, right] = [Buffer.allocUnsafe(chunkBytes), Buffer.allocUnsafe(chunkBytes)];
    for (let at = 0; at < one.sizeBytes; ) {
      const count = readSync(ours, left, 0, chunkBytes, at);
      if (count === 0 || readSync(theirs, right, 0, count, at) !== count) return false;
      if (!left.subarray(0, count).equals(right.subarray(0, count))) return false;
      at += count;
    }
    return true;
  } finally {
    if (ours !== undefined) closeSync(ours);
    if (theirs !== undefined) closeSync(theirs);
  }
}
