// What was in a tree before it is changed, kept aside until the change is whole: renamed into a hidden directory of the same tree, which
// takes no space, and brought back when the change fails. Extended attributes of directories that stay are not kept.
import { lstatSync, renameSync } from "node:fs";
import { isErrno, KernelError } from "../../base/error.ts";
import { newId, shortId } from "../../base/id.ts";
import { discardKept, openKeepLog, restoreKept } from "./keep-log.ts";
import { readMountPointsBelow } from "./mount-id.ts";
import { toByteString, toFsPath, toText } from "./path.ts";
import { removeEntry } from "./remove.ts";
import { fsError, type InnerPath } from "./resolve.ts";

export interface Keeper {
  /** Before something is made there. */
  made(path: InnerPath): void;
  /** Takes what is there away, at any depth. Throws KernelError EBUSY for a mount in it. */
  aside(path: InnerPath): void;
  /** Before the attributes of what is there change. */
  touch(path: InnerPath): void;
  /** Brings everything back. */
  restore(): void;
  /** Forgets what was kept. */
  discard(): void;
}

const parentOf = (path: InnerPath): InnerPath => path.slice(0, Math.max(path.lastIndexOf("/"), 0));

/** A name for the hidden directory that no tree has. */
export const newKeptName = (): string => `.tsns-kept-${shortId(newId())}`;

/** `directory` is real and absolute. With the `name` restoreKept brings the tree back after this process was killed. */
export function openKeeper(directory: string, name: string = newKeptName()): Keeper {
  const before = lstatSync(directory);
  const log = openKeepLog(directory, name);
  log.stat("", before);
  const known = new Set<InnerPath>([""]);
  const root = toByteString(directory);
  const full = (path: InnerPath) => toFsPath(path === "" ? root : `${root}/${path}`);
  const mounts = readMountPointsBelow(directory);

  const touch = (path: InnerPath): void => {
    if (known.has(path)) return;
    const stat = lstatSync(full(path), { throwIfNoEntry: false });
    if (!stat) return;
    log.stat(path, stat);
    known.add(path);
  };
  const keep = (path: InnerPath): void => {
    try {
      renameSync(full(path), log.aside(path));
    } catch (error) {
      // A directory of an overlay's lower layer cannot be renamed (overlayfs, redirect_dir): it cannot be kept.
      if (!isErrno(error, "EXDEV")) throw fsError("rename", error, path);
      removeEntry(directory, path.split("/"));
    }
  };
  return {
    touch,
    made(path) {
      touch(parentOf(path));
      known.add(path);
      log.made(path);
    },
    aside(path) {
      if (path === name) return;
      const mount = mounts.find((point) => point.path === `${root}/${path}` || point.path.startsWith(`${root}/${path}/`));
      if (mount) throw busy(toText(mount.path));
      touch(parentOf(path));
      keep(path);
    },
    restore() {
      log.close();
      restoreKept(directory, name);
    },
    discard() {
      log.close();
      discardKept(directory, name);
    },
  };
}

const busy = (mount: string): KernelError =>
  new KernelError("remove", "EBUSY", mount, { hint: `unmount it first: tsns mount umount ${mount}` });
