// What was in a tree before it is changed, kept aside until the change is whole: renamed into a hidden directory of the same tree, which
// takes no space, and brought back when the change fails. Extended attributes of directories that stay are not kept.
import { chmodSync, chownSync, lstatSync, mkdtempSync, renameSync, rmdirSync, type Stats, utimesSync } from "node:fs";
import { basename } from "node:path";
import { isErrno, KernelError } from "../../base/error.ts";
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

type Change = { readonly made: InnerPath } | { readonly aside: InnerPath; readonly kept: string };

const parentOf = (path: InnerPath): InnerPath => path.slice(0, Math.max(path.lastIndexOf("/"), 0));

/** `directory` is real and absolute. */
export function openKeeper(directory: string): Keeper {
  const stats = new Map<InnerPath, Stats>([["", lstatSync(directory)]]);
  const hidden = mkdtempSync(`${directory}/.tsns-kept-`);
  const root = toByteString(directory);
  const full = (path: InnerPath) => toFsPath(path === "" ? root : `${root}/${path}`);
  const mounts = readMountPointsBelow(directory);
  const fresh = new Set<InnerPath>();
  const changes: Change[] = [];

  const touch = (path: InnerPath): void => {
    if (stats.has(path) || fresh.has(path)) return;
    const stat = lstatSync(full(path), { throwIfNoEntry: false });
    if (stat) stats.set(path, stat);
  };
  const keep = (path: InnerPath): void => {
    const kept = `${hidden}/${changes.length}`;
    try {
      renameSync(full(path), kept);
      changes.push({ aside: path, kept });
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
      fresh.add(path);
      changes.push({ made: path });
    },
    aside(path) {
      const mount = mounts.find((point) => point.path === `${root}/${path}` || point.path.startsWith(`${root}/${path}/`));
      if (mount) throw busy(toText(mount.path));
      touch(parentOf(path));
      keep(path);
    },
    restore() {
      for (const change of changes.reverse()) {
        if ("made" in change) removeEntry(directory, change.made.split("/"));
        else renameSync(change.kept, full(change.aside));
      }
      rmdirSync(hidden);
      for (const [path, stat] of [...stats].reverse()) {
        if (stat.isSymbolicLink()) continue;
        chownSync(full(path), stat.uid, stat.gid);
        chmodSync(full(path), stat.mode & 0o7777);
        utimesSync(full(path), stat.atimeMs / 1000, stat.mtimeMs / 1000);
      }
    },
    discard: () => removeEntry(directory, [basename(hidden)]),
  };
}

const busy = (mount: string): KernelError =>
  new KernelError("remove", "EBUSY", mount, { hint: `unmount it first: tsns mount umount ${mount}` });
