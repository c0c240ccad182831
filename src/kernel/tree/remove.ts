// Removes a tree of tsns's own. Every directory is opened by name relative to its open parent without following links,
// and descended into only if it lies on the same mount: neither a symbolic link nor a forgotten mount leads out.
// The trees are writable by root alone, so nobody races with it; if somebody does, a swapped name is refused or unlinked.
import { closeSync, constants, lstatSync, openSync, readdirSync, readlinkSync, renameSync, rmdirSync, unlinkSync } from "node:fs";
import { isErrno, KernelError, TsnsError } from "../../base/error.ts";
import { readMountId, readMountPointsBelow } from "./mount-id.ts";
import { at, type ByteString, toByteString, toText } from "./path.ts";

const directoryFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** Directories held open at once; what lies deeper is first moved up to the top. */
const depthMax = 48;
/** How often a directory may fill again while it is emptied. */
const roundsMax = 16;

interface Removal {
  readonly mountId: number;
  /** The directory that is removed: where deep directories are moved to. -1 until it is open. */
  topFd: number;
  moved: number;
  scanned: boolean;
}

/**
 * Removes `path` (a tree, a file or a link; a missing one is no error), which must lie strictly below `within`.
 * Both are absolute and without "." and ".."; `within` itself may be a link. Throws TsnsError invalid for a path that is not
 * below, KernelError EBUSY naming a mount in the way (then only what came before it is gone), EPERM for immutable files.
 */
export function removeTree(path: string, options: { readonly within: string }): void {
  removeEntry(options.within, namesBelow(path, options.within));
}

/** As `removeTree`, by the names that lead from `within` to the entry: for names that are no UTF-8. None is "", "." or "..". */
export function removeEntry(within: string, names: readonly ByteString[]): void {
  let base: number;
  try {
    base = openSync(within, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return;
    throw kernelError("open", error, within);
  }
  const open = [base];
  try {
    const removal: Removal = { mountId: readMountId(base), topFd: -1, moved: 0, scanned: false };
    let parent = base;
    for (const name of names.slice(0, -1)) {
      const next = openDirectory(removal, parent, name);
      if (next === undefined) return;
      open.push(next);
      parent = next;
    }
    const last = names.at(-1);
    if (last !== undefined) removeDirectory(removal, parent, last, 0);
  } finally {
    for (const fd of open.reverse()) closeSync(fd);
  }
}

function namesBelow(path: string, within: string): ByteString[] {
  const isClean = (text: string) => /^(?:\/[^/\0]+)+$/.test(text) && !/\/\.\.?(?:\/|$)/.test(text);
  if (!isClean(path) || !isClean(within) || !path.startsWith(`${within}/`)) {
    throw new TsnsError(
      "invalid",
      "tree-outside",
      `refusing to remove ${JSON.stringify(path)}: it does not lie below ${JSON.stringify(within)}`,
    );
  }
  return toByteString(path.slice(within.length + 1)).split("/");
}

/** Opens a directory on the same mount; undefined when nothing is there. */
function openDirectory(removal: Removal, parent: number, name: ByteString): number | undefined {
  let fd: number;
  try {
    fd = openSync(at(parent, name), directoryFlags);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw kernelError("open", error, describe(parent, name));
  }
  if (readMountId(fd) === removal.mountId) return fd;
  closeSync(fd);
  throw mountInTheWay(describe(parent, name));
}

/** rmdir(2) first: it does for the many empty directories, and the kernel itself refuses mount points. The top is rarely empty. */
function removeDirectory(removal: Removal, parent: number, name: ByteString, depth: number): void {
  if (depth > 0 ? tryRemoveEmpty(parent, name) : tryUnlink(parent, name)) return;
  const fd = openDirectory(removal, parent, name);
  if (fd === undefined) return;
  try {
    if (depth === 0) removal.topFd = fd;
    else if (!removal.scanned) refuseMounts(removal);
    for (let rounds = 0; ; rounds++) {
      const moved = removal.moved;
      emptyDirectory(removal, fd, depth);
      if (tryRemoveEmpty(parent, name)) return;
      if (rounds >= roundsMax && moved === removal.moved) throw new KernelError("rmdir", "ENOTEMPTY", describe(parent, name));
    }
  } finally {
    closeSync(fd);
  }
}

function emptyDirectory(removal: Removal, fd: number, depth: number): void {
  // the path through the descriptor is ASCII; names come back one character a byte
  for (const entry of readdirSync(`/proc/self/fd/${fd}`, { withFileTypes: true, encoding: "latin1" })) {
    if (!entry.isDirectory()) removeFile(removal, fd, entry.name, depth);
    else if (depth < depthMax) removeDirectory(removal, fd, entry.name, depth + 1);
    else moveToTop(removal, fd, entry.name);
  }
}

function removeFile(removal: Removal, parent: number, name: ByteString, depth: number): void {
  try {
    unlinkSync(at(parent, name));
  } catch (error) {
    if (isErrno(error, "ENOENT")) return;
    if (!isErrno(error, "EISDIR")) throw kernelError("unlink", error, describe(parent, name));
    removeDirectory(removal, parent, name, depth + 1);
  }
}

/** True when nothing is left; false for a directory that is not empty; a non-directory is unlinked. */
function tryRemoveEmpty(parent: number, name: ByteString): boolean {
  try {
    rmdirSync(at(parent, name));
    return true;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return true;
    if (isErrno(error, "ENOTEMPTY", "EEXIST")) return false;
    if (!isErrno(error, "ENOTDIR")) throw kernelError("rmdir", error, describe(parent, name));
  }
  return tryUnlink(parent, name);
}

/** True when nothing is left; false for a directory. */
function tryUnlink(parent: number, name: ByteString): boolean {
  const path = at(parent, name);
  try {
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) return false;
    unlinkSync(path);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw kernelError("unlink", error, describe(parent, name));
  }
  return true;
}

/** rename(2) of a directory stays within one mount: a mount point answers EBUSY, another mount EXDEV. */
function moveToTop(removal: Removal, fd: number, name: ByteString): void {
  const target = `.removing-${removal.moved++}-${process.pid}`;
  try {
    renameSync(at(fd, name), at(removal.topFd, target));
  } catch (error) {
    if (isErrno(error, "ENOTEMPTY", "EEXIST", "ENOTDIR")) moveToTop(removal, fd, name);
    else if (isErrno(error, "EXDEV")) throw mountInTheWay(describe(fd, name));
    else if (!isErrno(error, "ENOENT")) throw kernelError("rename", error, describe(fd, name));
  }
}

/** Before anything deep is touched: a mount known to lie below refuses the whole. Done once, and only for trees with contents. */
function refuseMounts(removal: Removal): void {
  removal.scanned = true;
  const top = readlinkSync(`/proc/self/fd/${removal.topFd}`);
  const mount = readMountPointsBelow(top)[0];
  if (mount) throw mountInTheWay(toText(mount.path));
}

function mountInTheWay(path: string): KernelError {
  return new KernelError("rmdir", "EBUSY", path, {
    message: `refusing to remove ${path}: it is a mount point`,
    hint: `unmount it first: umount ${path}`,
  });
}

function kernelError(syscall: string, cause: unknown, path: string): unknown {
  if (!(cause instanceof Error) || !("code" in cause) || typeof cause.code !== "string") return cause;
  if (cause.code === "EBUSY") return mountInTheWay(path);
  const immutable = cause.code === "EPERM" ? { hint: `if it is immutable (lsattr -d ${path}): chattr -i ${path}` } : {};
  return new KernelError(syscall, cause.code, path, { cause, ...immutable });
}

/** The real path of an entry, for messages. */
function describe(parent: number, name: ByteString): string {
  return `${readlinkSync(`/proc/self/fd/${parent}`)}/${toText(name)}`;
}
