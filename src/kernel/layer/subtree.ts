// One directory of a stack of layers as the container sees it: found through links that lead nowhere out of the stack, and written as a tar.
// Nothing need be mounted.
import { lstatSync } from "node:fs";
import { readMountPointsBelow } from "../tree/mount-id.ts";
import type { ByteString } from "../tree/path.ts";
import { toByteString } from "../tree/path.ts";
import { collectBelow, type Exported, type MergedEntry, unmarked, writeMerged } from "./merge.ts";
import { type LayerDirectory, type LayerHit, type LayerStack, openStack } from "./stack.ts";
import { readLink, walkLayer } from "./walk.ts";

/** Links on the way, as path_resolution(7) counts them. */
const linksMax = 40;

/** What is at a path of the stack. */
export interface StackPlace {
  /** Without links, relative to the root of the stack. */
  readonly path: ByteString;
  readonly type: "directory" | "other";
}

interface Position {
  readonly names: readonly ByteString[];
  readonly within: readonly LayerDirectory[];
  readonly hit: LayerHit | undefined;
}

/** `layers` uppermost first, `path` absolute in them; undefined when nothing is seen there. */
export function findInStack(layers: readonly string[], path: string): StackPlace | undefined {
  const found = resolve(openStack(layers), path);
  return (
    found && { path: found.names.join("/"), type: found.hit === undefined || found.hit.entry.type === "directory" ? "directory" : "other" }
  );
}

function resolve(stack: LayerStack, path: string): Position | undefined {
  const rest = toByteString(path).split("/");
  const way: Position[] = [{ names: [], within: stack.root, hit: undefined }];
  stack.prepare(prefixesOf(rest));
  for (let links = 0; rest.length > 0; ) {
    const name = rest.shift() ?? "";
    const at = way.at(-1);
    if (name === "" || name === "." || !at) continue;
    if (name === "..") {
      if (way.length > 1) way.pop();
      continue;
    }
    const { hits, directories } = stack.lookUp(at.within, name);
    const [hit] = hits;
    if (hit?.role !== "provides") return undefined;
    if (hit.entry.type !== "symlink") {
      if (hit.entry.type !== "directory" && rest.some((more) => more !== "" && more !== ".")) return undefined;
      way.push({ names: [...at.names, name], within: directories, hit });
      continue;
    }
    if (++links > linksMax) return undefined;
    const link = readLink(stack.directories[hit.layer] ?? "", hit.entry.path);
    if (link.startsWith("/")) way.length = 1;
    rest.unshift(...link.split("/"));
  }
  return way.at(-1);
}

/** Of a path's components: the directories on the way. */
function prefixesOf(names: readonly ByteString[]): ByteString[] {
  const kept = names.filter((name) => name !== "");
  return kept.map((_, at) => kept.slice(0, at + 1).join("/"));
}

export interface SubtreeOptions {
  /** Added to each owner: the container's ids are others outside. */
  readonly uidShift: number;
  readonly gidShift: number;
}

/** Writes a directory that `findInStack` has found, itself first; returns its own entry. */
export function exportSubtree(
  layers: readonly string[],
  path: ByteString,
  write: (bytes: Uint8Array) => void,
  { uidShift, gidShift }: SubtreeOptions,
): { readonly root: MergedEntry["entry"]; readonly exported: Exported } | undefined {
  const marks = layers.map((directory) => marksBelow(directory, path));
  const stack = openStack(layers, marks);
  const place = resolve(stack, `/${path}`);
  if (!place?.hit) return undefined;
  const shift = (merged: MergedEntry): MergedEntry => ({
    ...merged,
    entry: { ...merged.entry, uid: merged.entry.uid + uidShift, gid: merged.entry.gid + gidShift },
  });
  const directory = stack.directories[place.hit.layer] ?? "";
  const own: MergedEntry = { entry: unmarked(place.hit.entry, "", place.hit.layer), directory, path: place.hit.entry.path };
  const outside = layers[0] === "/" ? foreignPaths(`/${path}`) : () => false;
  const below = collectBelow(stack, place.within).filter(({ entry }) => !outside(entry.path));
  const merged = [own, ...below].map(shift);
  const [root = own] = merged;
  return { root: root.entry, exported: writeMerged(merged, write, { isLayer: false }) };
}

/** Attributes of what a layer has in the directory, read at once. */
function marksBelow(directory: string, path: ByteString) {
  const base = directory === "/" ? "" : directory;
  const isHere = path !== "" && lstatSync(`${base}/${path}`, { throwIfNoEntry: false })?.isDirectory() === true;
  const entries = isHere ? walkLayer(`${base}/${path}`) : [];
  return new Map(entries.map((entry) => [entry.path === "" ? path : `${path}/${entry.path}`, entry.xattrs]));
}

/** On this machine's own root: what is mounted there is no part of it. Paths relative to `top`. */
function foreignPaths(top: string): (path: ByteString) => boolean {
  const points = readMountPointsBelow(top).map((point) => point.path.slice(toByteString(top).length + 1));
  return (path) => points.some((point) => point === "" || path.startsWith(`${point}/`));
}
