// A path in a tree that others may change: each directory on the way is held open, links are read and followed as chroot(2) would have
// them, never by the kernel. What is renamed or replaced meanwhile is at worst not found; nothing leads out of the tree.
import { closeSync, constants, lstatSync, openSync, readlinkSync, type Stats } from "node:fs";
import { isErrno, KernelError } from "../../base/error.ts";
import { at, type ByteString, toText } from "./path.ts";

/** O_PATH, open(2). */
const openPath = 0o10000000;
const directoryFlags = openPath | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** As the kernel's own limit (path_resolution(7)). */
const linksMax = 40;

export interface InsidePlace extends Disposable {
  /** The directory it lies in, open (O_PATH). */
  readonly directoryFd: number;
  /** Its name there; "." for the root itself. */
  readonly name: ByteString;
  /** Undefined: there is nothing of that name. */
  readonly stat: Stats | undefined;
  /** The way there without links, from the root. */
  readonly names: readonly ByteString[];
}

interface Held {
  readonly fd: number;
  readonly name: ByteString;
}

/** Opens the root of a tree, whose path is trusted. */
export function openTreeRoot(path: string): number {
  try {
    return openSync(path, openPath | constants.O_DIRECTORY);
  } catch (error) {
    throw systemError("open", error, path);
  }
}

/**
 * The place of `path` below the open directory `rootFd`, which stays open. `follow`: of a link at the end its target is meant. Throws KernelError
 * ENOENT, ENOTDIR, ELOOP for the way there; what stands at the end need not be.
 */
export function findInside(rootFd: number, path: ByteString, follow: boolean): InsidePlace {
  const held: Held[] = [];
  const fdOf = () => held.at(-1)?.fd ?? rootFd;
  const leave = (left: number) => {
    while (held.length > left) closeSync(held.pop()?.fd ?? -1);
  };
  try {
    const end = walk(path, follow, held, fdOf, leave);
    const names = [...held.map(({ name }) => name), ...(end === undefined ? [] : [end.name])];
    const last: End = end ?? climb(held, rootFd);
    const close = () => {
      leave(0);
      if (last.own !== undefined) closeSync(last.own);
    };
    return { name: last.name, stat: last.stat, directoryFd: last.directoryFd ?? fdOf(), names, [Symbol.dispose]: close };
  } catch (error) {
    leave(0);
    throw error;
  }
}

interface End {
  readonly name: ByteString;
  readonly stat: Stats | undefined;
  readonly directoryFd?: number;
  readonly own?: number;
}

/** The way ended in a directory that is held itself: it is meant by its own descriptor. */
function climb(held: Held[], rootFd: number): End {
  const own = held.pop();
  const fd = own?.fd ?? rootFd;
  const stat = lstatSync(at(fd, "."));
  return { name: ".", stat, directoryFd: fd, ...(own ? { own: own.fd } : {}) };
}

function walk(
  path: ByteString,
  follow: boolean,
  held: Held[],
  fdOf: () => number,
  leave: (left: number) => void,
): { name: ByteString; stat: Stats | undefined } | undefined {
  const ahead = path.split("/").reverse();
  let links = 0;
  for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      leave(Math.max(held.length - 1, 0));
      continue;
    }
    const stat = statOf(fdOf(), name, path);
    if (stat?.isSymbolicLink() && (follow || ahead.length > 0)) {
      if (++links > linksMax) throw new KernelError("open", "ELOOP", toText(path));
      const target = readlinkSync(at(fdOf(), name), "latin1");
      if (target.startsWith("/")) leave(0);
      ahead.push(...target.split("/").reverse());
      continue;
    }
    if (stat?.isDirectory()) {
      held.push({ fd: openDirectory(fdOf(), name, path), name });
      continue;
    }
    const isWay = ahead.some((part) => part !== "" && part !== ".");
    if (stat ? ahead.length > 0 : isWay) throw new KernelError("open", stat ? "ENOTDIR" : "ENOENT", toText(path));
    return { name, stat };
  }
  return undefined;
}

function statOf(fd: number, name: ByteString, path: ByteString): Stats | undefined {
  try {
    return lstatSync(at(fd, name), { throwIfNoEntry: false });
  } catch (error) {
    throw systemError("lstat", error, toText(path));
  }
}

function openDirectory(fd: number, name: ByteString, path: ByteString): number {
  try {
    return openSync(at(fd, name), directoryFlags);
  } catch (error) {
    throw systemError("open", error, toText(path));
  }
}

/** A failed call of node:fs as KernelError; what is none comes back as it is. */
export function systemError(syscall: string, cause: unknown, target: string): unknown {
  if (!(cause instanceof Error) || !("code" in cause) || typeof cause.code !== "string" || isErrno(cause, "ERR_INVALID_ARG_VALUE"))
    return cause;
  return new KernelError(syscall, cause.code, target, { cause });
}
