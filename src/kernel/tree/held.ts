// Names in a tree of directories that are held open: each is opened from its open parent without following links, so whatever another
// process renames or puts in the way meanwhile, what is made lands in the tree that was opened. node:fs has no *at calls; a path through
// /proc/self/fd is the same (proc(5)).
import { closeSync, constants, openSync } from "node:fs";
import { at, type ByteString, toFsPath } from "./path.ts";

/** O_PATH, open(2), the same number on all architectures Linux has but alpha, parisc and sparc. */
const openPath = 0o10000000;
const directoryFlags = openPath | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** More than are needed between asking for a path and using it. */
const heldMax = 32;

export interface HeldTree {
  /** For node:fs; valid until `heldMax` other directories have been asked for. Throws as open(2) does when the way is none any more. */
  path(inner: ByteString): string | Buffer;
  /** What was there, and all below, is another thing now. */
  forget(inner: ByteString): void;
  /** May be called again. */
  close(): void;
}

const parentOf = (path: ByteString): ByteString => path.slice(0, Math.max(path.lastIndexOf("/"), 0));

/** `root` is trusted, a byte string; what is below it is not. */
export function holdTree(root: ByteString): HeldTree {
  const rootFd = openSync(toFsPath(root), openPath | constants.O_DIRECTORY);
  const held = new Map<ByteString, number>();
  let isOpen = true;

  function open(inner: ByteString): number {
    let ancestor = parentOf(inner);
    while (ancestor !== "" && !held.has(ancestor)) ancestor = parentOf(ancestor);
    let fd = held.get(ancestor) ?? rootFd;
    let isOwn = false;
    for (const name of inner.slice(ancestor === "" ? 0 : ancestor.length + 1).split("/")) {
      try {
        const next = openSync(at(fd, name), directoryFlags);
        if (isOwn) closeSync(fd);
        fd = next;
        isOwn = true;
      } catch (error) {
        if (isOwn) closeSync(fd);
        throw error;
      }
    }
    return fd;
  }
  function directory(inner: ByteString): number {
    if (inner === "") return rootFd;
    const known = held.get(inner);
    const fd = known ?? open(inner);
    if (known !== undefined) held.delete(inner);
    held.set(inner, fd); // the last one used is the last to go
    if (held.size <= heldMax) return fd;
    const [oldest] = held;
    if (oldest) {
      held.delete(oldest[0]);
      closeSync(oldest[1]);
    }
    return fd;
  }
  let last: ByteString | undefined;
  let lastFd = rootFd;
  return {
    path(inner) {
      if (inner === "") return at(rootFd, ".");
      const slash = inner.lastIndexOf("/");
      const parent = inner.slice(0, Math.max(slash, 0));
      if (parent !== last) {
        lastFd = directory(parent);
        last = parent;
      }
      return at(lastFd, inner.slice(slash + 1));
    },
    forget(inner) {
      last = undefined;
      for (const [path, fd] of held) {
        if (path !== inner && !path.startsWith(`${inner}/`)) continue;
        held.delete(path);
        closeSync(fd);
      }
    },
    close() {
      for (const fd of held.values()) closeSync(fd);
      held.clear();
      if (isOpen) closeSync(rootFd);
      isOpen = false;
    },
  };
}
