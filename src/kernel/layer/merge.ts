// The tree that a stack of layers shows, as a tar: every entry once, from the uppermost layer that has it, deleted ones not at all. Works on
// the layers' directories; nothing need be mounted. Mounts over the tree are not in it.
import { closeSync, readSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import { renderTarHeader, tarEnd, tarPadding } from "../../image/tar-write.ts";
import { isOwnAttribute, type LayerEntry } from "../../layer/entry.ts";
import { layoutTar } from "../../layer/tar.ts";
import { type ByteString, toText } from "../tree/path.ts";
import { type LayerDirectory, type LayerStack, openStack } from "./stack.ts";
import { openLayerFile, readLink, readNames, walkLayer } from "./walk.ts";

const chunkBytes = 256 << 10;

/** What is seen at a path, and in which layer it is. */
export interface MergedEntry {
  readonly entry: LayerEntry;
  readonly directory: string;
  readonly path: ByteString;
}

export interface Exported {
  readonly entries: number;
  readonly warnings: readonly string[];
}

/** `layers` uppermost first. Entries in the order of their names. Throws KernelError, conflict `changed-meanwhile`. */
export function exportTree(layers: readonly string[], write: (bytes: Uint8Array) => void, signal?: AbortSignal): Exported {
  return writeMerged(mergeLayers(openStack(layers, layers.map(readMarks))), write, { isLayer: true, ...(signal ? { signal } : {}) });
}

export interface WriteOptions {
  /** Names that mean something in a layer are refused. */
  readonly isLayer: boolean;
  readonly signal?: AbortSignal;
}

/** Writes entries, a directory before what it holds, as a tar. Throws KernelError, conflict `changed-meanwhile`. */
export function writeMerged(
  merged: readonly MergedEntry[],
  write: (bytes: Uint8Array) => void,
  { isLayer, signal }: WriteOptions,
): Exported {
  const layout = layoutTar(
    merged.map(({ entry }) => entry),
    undefined,
    { isLayer },
  );
  const sources = new Map(merged.map((found) => [found.entry.path, found]));
  for (const { header, dataOf } of layout.members) {
    signal?.throwIfAborted();
    const source = sources.get(header.path);
    const linkPath = header.type === "symlink" && source ? readLink(source.directory, source.path) : (header.linkPath ?? "");
    write(renderTarHeader({ ...header, linkPath }));
    if (dataOf) writeData(sources.get(dataOf.path), dataOf.sizeBytes, write);
  }
  write(tarEnd());
  return { entries: layout.members.length, warnings: layout.warnings.map(toText) };
}

/** The attributes of all entries of a layer, read at once. */
function readMarks(directory: string): Map<ByteString, LayerEntry["xattrs"]> {
  return new Map(walkLayer(directory).map(({ path, xattrs }) => [path, xattrs]));
}

function mergeLayers(stack: LayerStack): MergedEntry[] {
  const [top] = stack.directories;
  const root = top === undefined ? undefined : stack.entry(0, "");
  const own: MergedEntry[] = root && top !== undefined ? [{ entry: unmarked(root, "", 0), directory: top, path: "" }] : [];
  return [...own, ...collectBelow(stack, stack.root)];
}

/** What is seen in a directory of a stack and below, at paths relative to it. */
export function collectBelow(stack: LayerStack, top: readonly LayerDirectory[]): MergedEntry[] {
  const merged: MergedEntry[] = [];
  const visit = (within: readonly LayerDirectory[], path: ByteString): void => {
    const shown = within.filter(({ hiddenBy }) => hiddenBy === undefined);
    const names = new Set(shown.flatMap(({ layer, path: inner }) => readNames(stack.directories[layer] ?? "", inner)));
    for (const name of [...names].sort()) {
      const { hits, directories } = stack.lookUp(within, name);
      const [hit] = hits;
      if (hit?.role !== "provides") continue;
      const inner = path === "" ? name : `${path}/${name}`;
      const data = hits.find(({ role }) => role === "data") ?? hit;
      merged.push({
        entry: unmarked(hit.entry, inner, hit.layer),
        directory: stack.directories[data.layer] ?? "",
        path: data.entry.path,
      });
      if (hit.entry.type === "directory") visit(directories, inner);
    }
  };
  visit(top, "");
  return merged;
}

/** As it is seen: at its path, without overlay's marks. Layers may lie on several file systems: an inode counts within one. */
export function unmarked(entry: LayerEntry, path: ByteString, layer: number): LayerEntry {
  const xattrs = new Map([...entry.xattrs].filter(([name]) => isOwnAttribute(name)));
  return { ...entry, path, xattrs, inode: (BigInt(layer) << 64n) | entry.inode };
}

function writeData(source: MergedEntry | undefined, sizeBytes: number, write: (bytes: Uint8Array) => void): void {
  const fd = source && openLayerFile(source.directory, source.path);
  if (source === undefined || fd === undefined) throw changed(source?.path ?? "");
  try {
    const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(sizeBytes, 1)));
    for (let left = sizeBytes; left > 0; ) {
      const count = readSync(fd, buffer, 0, Math.min(buffer.length, left), null);
      if (count === 0) throw changed(source.path);
      write(buffer.subarray(0, count));
      left -= count;
    }
    write(tarPadding(sizeBytes));
  } finally {
    closeSync(fd);
  }
}

function changed(path: ByteString): TsnsError {
  return new TsnsError("conflict", "changed-meanwhile", `/${toText(path)} changed while it was read`, {
    hint: "stop what writes to it and try again",
  });
}
