// Reads a layer directory: every entry with its attributes, in the order of their bytes, a directory before what it holds. Directories
// are opened one below the other without following links, since a running container may change them meanwhile.
import { type BigIntStats, closeSync, constants, lstatSync, openSync, readdirSync, readlinkSync } from "node:fs";
import { isErrno, KernelError } from "../../base/error.ts";
import type { EntryType, LayerEntry, Xattrs } from "../../layer/entry.ts";
import { at, type ByteString, toFsPath, toText } from "../tree/path.ts";
import { readXattrs } from "./xattr.ts";

const directoryFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const none: Xattrs = new Map();

function typeOf(stat: BigIntStats): EntryType {
  if (stat.isDirectory()) return "directory";
  if (stat.isSymbolicLink()) return "symlink";
  if (stat.isCharacterDevice()) return "char";
  if (stat.isBlockDevice()) return "block";
  if (stat.isFIFO()) return "fifo";
  return stat.isSocket() ? "socket" : "file";
}

/** Device numbers as glibc's gnu_dev_major and gnu_dev_minor take st_rdev apart. */
const majorOf = (device: bigint): number => Number(((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n));
const minorOf = (device: bigint): number => Number((device & 0xffn) | ((device >> 12n) & 0xffffff00n));

function entryOf(path: ByteString, stat: BigIntStats, xattrs: Xattrs = none): LayerEntry {
  return {
    path,
    type: typeOf(stat),
    mode: Number(stat.mode & 0o7777n),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    sizeBytes: Number(stat.size),
    allocatedBytes: Number(stat.blocks) * 512,
    mtimeNanos: stat.mtimeNs,
    inode: stat.ino,
    links: Number(stat.nlink),
    major: majorOf(stat.rdev),
    minor: minorOf(stat.rdev),
    xattrs,
  };
}

/** One entry without its attributes; undefined when nothing is there. */
export function readEntry(directory: string, path: ByteString): LayerEntry | undefined {
  try {
    const stat = lstatSync(fullPath(directory, path), { bigint: true, throwIfNoEntry: false });
    return stat && entryOf(path, stat);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "ELOOP")) return undefined;
    throw layerError("lstat", error, `${directory}/${toText(path)}`);
  }
}

/** A path of a layer for node:fs. */
function fullPath(directory: string, path: ByteString): string | Buffer {
  const base = directory === "/" ? "" : Buffer.from(directory, "utf8").toString("latin1");
  return toFsPath(path === "" ? `${base}/` : `${base}/${path}`);
}

/** Names in a directory of a layer, in the order of their bytes; none where it is gone. */
export function readNames(directory: string, path: ByteString): readonly ByteString[] {
  try {
    return readdirSync(fullPath(directory, path), { encoding: "latin1" }).sort();
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return [];
    throw layerError("open", error, `${directory}/${toText(path)}`);
  }
}

/** Target of a symbolic link, one character a byte. */
export function readLink(directory: string, path: ByteString): ByteString {
  return readlinkSync(fullPath(directory, path), "latin1");
}

/** The layer's own directory first. Throws KernelError when it is none. */
export function walkLayer(directory: string): readonly LayerEntry[] {
  const found: LayerEntry[] = [];
  const root = openDirectory(directory, directory);
  const visit = (fd: number, path: ByteString): void => {
    for (const name of readdirSync(`/proc/self/fd/${fd}`, { encoding: "latin1" }).sort()) {
      const stat = lstatSync(at(fd, name), { bigint: true, throwIfNoEntry: false });
      if (!stat) continue;
      const inner = path === "" ? name : `${path}/${name}`;
      found.push(entryOf(inner, stat));
      if (!stat.isDirectory()) continue;
      const child = tryOpenDirectory(at(fd, name));
      if (child === undefined) continue;
      try {
        visit(child, inner);
      } finally {
        closeSync(child);
      }
    }
  };
  try {
    const stat = lstatSync(`/proc/self/fd/${root}/.`, { bigint: true });
    found.push(entryOf("", stat));
    visit(root, "");
  } finally {
    closeSync(root);
  }
  const xattrs = readXattrs(
    directory,
    found.map(({ path }) => path),
  );
  return found.map((entry) => ({ ...entry, xattrs: xattrs.get(entry.path) ?? none }));
}

function openDirectory(path: string, shown: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    throw layerError("open", error, shown);
  }
}

/** Undefined for one that has been replaced meanwhile. */
function tryOpenDirectory(path: string | Buffer): number | undefined {
  try {
    return openSync(path, directoryFlags);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "ELOOP")) return undefined;
    throw error;
  }
}

/** Opens a regular file of a layer, no component through a link; undefined for one that has been replaced. */
export function openLayerFile(directory: string, path: ByteString): number | undefined {
  const names = path.split("/");
  const open: number[] = [openDirectory(directory, directory)];
  try {
    for (const name of names.slice(0, -1)) {
      const next = tryOpenDirectory(at(open.at(-1) ?? -1, name));
      if (next === undefined) return undefined;
      open.push(next);
    }
    // O_NONBLOCK: a pipe that has taken its place must not make us wait
    return openSync(at(open.at(-1) ?? -1, names.at(-1) ?? ""), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "ELOOP", "ENXIO")) return undefined;
    throw layerError("open", error, `${directory}/${toText(path)}`);
  } finally {
    for (const fd of open) closeSync(fd);
  }
}

function layerError(syscall: string, cause: unknown, path: string): unknown {
  if (!(cause instanceof Error) || !("code" in cause) || typeof cause.code !== "string") return cause;
  const denied = cause.code === "EACCES" || cause.code === "EPERM";
  return new KernelError(syscall, cause.code, path, { cause, ...(denied ? { hint: "run as root" } : {}) });
}
