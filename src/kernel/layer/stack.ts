// Looks names up in a stack of layers as overlayfs does: uppermost first, whiteouts and opaque directories hide, redirects lead elsewhere
// (Documentation/filesystems/overlayfs.rst). Works on the layers' directories; nothing need be mounted.
import { isMetacopy, isOpaque, isWhiteout, type LayerEntry, redirectOf, type Xattrs } from "../../layer/entry.ts";
import type { ByteString } from "../tree/path.ts";
import { readEntry } from "./walk.ts";
import { readXattrs } from "./xattr.ts";

/** A directory of one layer; `hiddenBy`: nothing of it is seen, because of that entry of a layer above. */
export interface LayerDirectory {
  readonly layer: number;
  readonly path: ByteString;
  readonly hiddenBy?: LayerHit;
}

/** "provides": what is seen. "merges": a directory below, also seen. "deletes": a whiteout. "data": has the data of a metadata copy. */
export type LayerRole = "provides" | "merges" | "deletes" | "data" | "hidden";

export interface LayerHit {
  /** Number in the stack, 0 the uppermost. */
  readonly layer: number;
  readonly entry: LayerEntry;
  readonly role: LayerRole;
  /** For "hidden". */
  readonly hiddenBy?: LayerHit;
}

export interface Found {
  /** Every layer that has the name, uppermost first. */
  readonly hits: readonly LayerHit[];
  /** Where its contents are looked up, if it is a directory. */
  readonly directories: readonly LayerDirectory[];
}

export interface LayerStack {
  readonly directories: readonly string[];
  /** The root of every layer. */
  readonly root: readonly LayerDirectory[];
  lookUp(within: readonly LayerDirectory[], name: ByteString): Found;
  /** One entry with its attributes. */
  entry(layer: number, path: ByteString): LayerEntry | undefined;
  /** Reads the attributes of these paths in all layers at once. */
  prepare(paths: readonly ByteString[]): void;
}

const none: Xattrs = new Map();

const joinPath = (directory: ByteString, name: ByteString): ByteString => (directory === "" ? name : `${directory}/${name}`);

/** `directories` uppermost first. `known`: attributes that have been read already, by layer and path. */
export function openStack(
  directories: readonly string[],
  known: readonly Map<ByteString, Xattrs>[] = directories.map(() => new Map()),
): LayerStack {
  function entry(layer: number, path: ByteString): LayerEntry | undefined {
    const directory = directories[layer];
    const found = directory === undefined ? undefined : readEntry(directory, path);
    // overlay's marks are on directories and files only
    if (!found || directory === undefined || (found.type !== "directory" && found.type !== "file")) return found;
    let xattrs = known[layer]?.get(path);
    if (!xattrs) {
      xattrs = readXattrs(directory, [path]).get(path) ?? none;
      known[layer]?.set(path, xattrs);
    }
    return { ...found, xattrs };
  }

  function prepare(paths: readonly ByteString[]): void {
    for (const [layer, directory] of directories.entries()) {
      const missing = paths.filter((path) => !known[layer]?.has(path));
      const found = readXattrs(directory, missing);
      for (const path of missing) known[layer]?.set(path, found.get(path) ?? none);
    }
  }

  function lookUp(within: readonly LayerDirectory[], name: ByteString): Found {
    const hits: LayerHit[] = [];
    const below: LayerDirectory[] = [];
    const state: LookUp = { wanted: within.map((directory) => ({ ...directory, path: joinPath(directory.path, name) })), hits, below };
    for (let at = 0; at < state.wanted.length; at++) {
      const wanted = state.wanted[at];
      const found = wanted && entry(wanted.layer, wanted.path);
      if (wanted && found) meet(state, at, found, wanted, directories.length);
    }
    return { hits, directories: below };
  }
  return { directories, root: directories.map((_, layer) => ({ layer, path: "" })), lookUp, entry, prepare };
}

interface LookUp {
  wanted: LayerDirectory[];
  readonly hits: LayerHit[];
  readonly below: LayerDirectory[];
  /** What hides the layers that come. */
  cover?: LayerHit;
  /** A metadata copy waits for its data. */
  wantsData?: boolean;
}

function meet(state: LookUp, at: number, entry: LayerEntry, wanted: LayerDirectory, count: number): void {
  const { layer } = wanted;
  const isDirectory = entry.type === "directory";
  const hiddenBy = wanted.hiddenBy ?? state.cover;
  const isData = state.wantsData === true && wanted.hiddenBy === undefined && entry.type === "file" && !isWhiteout(entry);
  if (hiddenBy && !isData) {
    state.hits.push({ layer, entry, role: "hidden", hiddenBy });
    if (isDirectory) state.below.push({ layer, path: entry.path, hiddenBy });
    return;
  }
  const role = isWhiteout(entry)
    ? "deletes"
    : isData
      ? "data"
      : state.below.some((directory) => !directory.hiddenBy)
        ? "merges"
        : "provides";
  // a file below a directory ends the merge: it is not seen
  if (role === "merges" && !isDirectory) {
    const [above] = state.hits;
    if (above) state.hits.push({ layer, entry, role: "hidden", hiddenBy: above });
    if (above) state.cover = above;
    return;
  }
  const hit: LayerHit = { layer, entry, role };
  state.hits.push(hit);
  if (isDirectory) state.below.push({ layer, path: entry.path });
  state.wantsData = isMetacopy(entry);
  if (!isDirectory || isOpaque(entry)) state.cover = hit;
  const redirect = redirectOf(entry);
  if (redirect !== undefined && (isDirectory || state.wantsData)) redirectRest(state, at, redirect, layer, count);
}

/** An absolute redirect starts again at the roots of all layers below, a name stays beside. */
function redirectRest(state: LookUp, at: number, redirect: ByteString, layer: number, count: number): void {
  const kept = state.wanted.slice(0, at + 1);
  if (redirect.startsWith("/")) {
    const rest = Array.from(
      { length: count - layer - 1 },
      (_, below): LayerDirectory => ({ layer: layer + 1 + below, path: redirect.slice(1) }),
    );
    state.wanted = [...kept, ...rest];
    return;
  }
  const renamed = ({ path }: LayerDirectory) => joinPath(path.slice(0, Math.max(path.lastIndexOf("/"), 0)), redirect);
  state.wanted = [...kept, ...state.wanted.slice(at + 1).map((other) => ({ ...other, path: renamed(other) }))];
}
