// Unpacks one image layer into a fresh directory in overlay's form: whiteouts become 0:0 devices, opaque directories carry
// trusted.overlay.opaque. Distrusts the archive: nothing is made outside the directory, no link is written through.
import { closeSync, constants, ftruncateSync, linkSync, openSync, symlinkSync, writeSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import type { TarEntry, TarSink } from "../../image/tar.ts";
import { badArchive } from "../../image/tar-header.ts";
import { openEntryCount, type UnpackLimits } from "../../image/unpack-limit.ts";
import { opaqueName, reservedPrefix, whiteoutPrefix } from "../../layer/whiteout.ts";
import type { Keeper } from "./keep.ts";
import { toByteString, toFsPath, toText } from "./path.ts";
import type { RecipeWriter } from "./recipe.ts";
import { archiveNames, fsError, type InnerPath, joinInner, makeDirectory, openResolver, readStat } from "./resolve.ts";
import { openSparseData } from "./sparse-data.ts";
import { attributesOf, exactTimeOf, setFileAttributes, setLinkAttributes } from "./unpack-attribute.ts";
import { applyPending, closePending, findLinkSource, newPending } from "./unpack-pending.ts";
import { clear, forget, inTheWay, place } from "./unpack-room.ts";
import { bytesOf, doFiles, type Unpacking } from "./unpack-state.ts";

const fileFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** So many things to be done later, or so many bytes of them, are done at once: memory stays flat. */
const pendingMax = 8192;
const pendingBytesMax = 4 << 20;
/** Hard links before what they name are kept in memory until the end; no program writes them so. */
const lateLinkBytesMax = 32 << 20;
/** What one takes beside its names. */
const lateLinkBytes = 200;

export interface Unpacked {
  /** Sum of the files' sizes, docker's layer size. */
  readonly sizeBytes: number;
  readonly entries: number;
  /** What this kernel or file system would not take and an image can live without, one line each. */
  readonly warnings: readonly string[];
}

export interface Unpacker extends TarSink {
  /** Makes nodes and attributes, sets the directories' modes and times. Nothing may be pushed after it. */
  finish(): Unpacked;
  /** Closes what is open after a failure. */
  abandon(): void;
}

export interface UnpackOptions {
  /** For a directory that is not empty. */
  readonly keeper?: Keeper;
  /** Notes how to write the tar again; whoever gives it also finishes it. */
  readonly recipe?: RecipeWriter | undefined;
  readonly limits?: UnpackLimits | undefined;
  /** The archive is no layer: names that mean whiteouts there are names of files. */
  readonly plain?: boolean;
  /** The directory is in use: what is no directory there never replaces one, nor the other way round. */
  readonly occupied?: boolean;
}

/** `directory` is an absolute path of a directory whose parents only the caller may write. */
export function openUnpacker(directory: string, { keeper, recipe, limits, plain = false, occupied = false }: UnpackOptions = {}): Unpacker {
  const resolver = openResolver(toByteString(directory));
  const state: Unpacking = {
    directory,
    resolver,
    keeper,
    recipe,
    pending: newPending(directory),
    pendingBytes: 0,
    lateLinkBytes: 0,
    fd: -1,
    current: undefined,
    warnings: [],
    count: openEntryCount(limits),
    plain,
    occupied,
    sizeBytes: 0,
    entries: 0,
  };
  state.pending.directories.set("", null);
  return {
    entry: (entry) => startEntry(state, entry),
    data: (piece) => writeData(state, piece),
    end: () => endFile(state),
    ...(recipe ? { raw: (piece: Buffer) => recipe.literal(piece) } : {}),
    finish() {
      const warnings = [...state.warnings, ...applyPending(directory, resolver, state.pending)];
      closePending(state.pending);
      resolver.close();
      return { sizeBytes: state.sizeBytes, entries: state.entries, warnings };
    },
    abandon() {
      if (state.fd >= 0) closeSync(state.fd);
      state.fd = -1;
      closePending(state.pending);
      resolver.close();
    },
  };
}

function startEntry(state: Unpacking, entry: TarEntry): void {
  state.count(entry);
  state.entries++;
  const { nodes, xattrs, times } = state.pending;
  if (nodes.size + xattrs.size + times.size >= pendingMax || state.pendingBytes >= pendingBytesMax) doFiles(state);
  const names = archiveNames(entry.path);
  if (!state.plain && names.some((name, at) => name.startsWith(reservedPrefix) && !(name === opaqueName && at === names.length - 1)))
    return;
  const name = names.pop();
  if (name === undefined) {
    if (entry.type !== "directory") throw badArchive(`its root is a ${entry.type}`);
    state.pending.directories.set("", attributesOf(entry));
    return;
  }
  const parent =
    state.resolver.directory(names, (path) => {
      state.keeper?.made(path);
      state.pending.directories.set(path, null);
    }) ?? "";
  if (state.plain) makeEntry(state, entry, joinInner(parent, name));
  else if (name === opaqueName) state.pending.opaque.set(parent, null);
  else if (name.startsWith(whiteoutPrefix)) addWhiteout(state, entry, parent, name.slice(whiteoutPrefix.length));
  else makeEntry(state, entry, joinInner(parent, name));
}

function addWhiteout(state: Unpacking, entry: TarEntry, parent: InnerPath, name: string): void {
  if (name === "" || name === "." || name === "..") throw badArchive(`${toText(entry.path)} hides no name`);
  state.pending.whiteouts.set(joinInner(parent, name), null);
}

function makeEntry(state: Unpacking, entry: TarEntry, path: InnerPath): void {
  const { resolver, pending } = state;
  switch (entry.type) {
    case "directory":
      makeDirectoryEntry(state, entry, path);
      break;
    case "file":
      state.fd = place(state, path, "open", () => openSync(resolver.full(path), fileFlags, 0o600));
      state.current = { entry, path, sparse: entry.sparse && openSparseData(entry.sparse) };
      state.sizeBytes += entry.sparse?.sizeBytes ?? entry.sizeBytes;
      break;
    case "symlink":
      place(state, path, "symlink", () => symlinkSync(toFsPath(entry.linkPath), resolver.full(path)));
      setLinkAttributes(resolver.full(path), entry, path);
      break;
    case "link":
      makeLink(state, entry, path);
      return;
    default:
      clear(state, path);
      state.keeper?.made(path);
      pending.nodes.set(path, entry);
      state.pendingBytes += bytesOf(entry);
  }
  if (entry.xattrs.size > 0) {
    pending.xattrs.set(path, entry.xattrs);
    state.pendingBytes += bytesOf(entry);
  }
  const exact = entry.type === "file" || entry.type === "symlink" ? exactTimeOf(entry) : undefined;
  if (exact) pending.times.set(path, exact);
}

/** Of a name that is not there yet the link is made at the end. */
function makeLink(state: Unpacking, entry: TarEntry, path: InnerPath): void {
  const { resolver, pending } = state;
  const find = () => findLinkSource(resolver, entry);
  let source = find();
  if (source === undefined && pending.nodes.size > 0) {
    doFiles(state);
    source = find();
  }
  if (source === path) return;
  if (source !== undefined) {
    const from = source;
    place(state, path, "link", () => linkSync(resolver.full(from), resolver.full(path)));
    return;
  }
  clear(state, path);
  state.keeper?.made(path);
  state.lateLinkBytes += lateLinkBytes + bytesOf(entry);
  if (state.lateLinkBytes > lateLinkBytesMax) throw tooManyLateLinks();
  pending.links.set(path, { path: entry.path, linkPath: entry.linkPath });
}

function tooManyLateLinks(): TsnsError {
  return new TsnsError("invalid", "unpack-limit", "the archive has too many hard links that come before the files they name", {
    hint: "pack it again: tar and all other programs put the file first",
  });
}

/** An existing directory stays and takes the new attributes; its modes come last, since they may forbid or be inherited. */
function makeDirectoryEntry(state: Unpacking, entry: TarEntry, path: InnerPath): void {
  const existing = readStat(state.resolver.full(path), path);
  if (existing && !existing.isDirectory()) {
    if (state.occupied) throw inTheWay(path, true);
    clear(state, path);
  }
  if (existing?.isDirectory()) state.keeper?.touch(path);
  else {
    forget(state, path, false);
    state.keeper?.made(path);
    makeDirectory(state.resolver.full(path), path);
    state.resolver.learn(path);
  }
  state.pending.directories.set(path, attributesOf(entry));
}

function writeData(state: Unpacking, piece: Buffer): void {
  if (!state.current) {
    state.recipe?.literal(piece);
    return;
  }
  const { path, sparse } = state.current;
  // what stands at many places of a file is kept as it came
  if (sparse) state.recipe?.literal(piece);
  else state.recipe?.data(path, piece.length);
  try {
    if (sparse) sparse.write(state.fd, piece);
    else for (let at = 0; at < piece.length; ) at += writeSync(state.fd, piece, at, piece.length - at);
  } catch (error) {
    throw fsError("write", error, path);
  }
}

function endFile(state: Unpacking): void {
  if (!state.current) return;
  const { entry, path } = state.current;
  const { fd } = state;
  state.current = undefined;
  state.fd = -1;
  try {
    if (entry.sparse) ftruncateSync(fd, entry.sparse.sizeBytes);
    setFileAttributes(fd, entry);
  } catch (error) {
    throw fsError("chown", error, path);
  } finally {
    closeSync(fd);
  }
}
