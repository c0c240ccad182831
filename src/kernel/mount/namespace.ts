// The mount namespaces of this host and their mounts, one mountinfo read for each. What may not be read is left out.
import { readFileSync, readlinkSync } from "node:fs";
import { isErrno, KernelError } from "../../base/error.ts";
import { type MountState, parseMountInfo } from "../../mount/state.ts";
import { listPids, readNamespaceInode } from "../proc/namespace.ts";
import { runMountProgram } from "./native.ts";

export interface MountNamespace {
  readonly inode: number;
  /** Processes in it, lowest first; empty for one that is only kept by a file. */
  readonly pids: readonly number[];
  readonly mounts: readonly MountState[];
}

/** Mounts as one process sees them; undefined when it is gone or not ours to see. */
export function readMountsOf(pid: number | "self"): readonly MountState[] | undefined {
  try {
    return parseMountInfo(readFileSync(`/proc/${pid}/mountinfo`, "utf8"));
  } catch (error) {
    // EINVAL: a zombie has no namespace any more
    if (isErrno(error, "ENOENT", "ESRCH", "EACCES", "EPERM", "EINVAL")) return undefined;
    throw error;
  }
}

/** Mounts of a namespace given by its file. Throws KernelError when it cannot be entered. */
export function readMountsIn(namespacePath: string): readonly MountState[] {
  return parseMountInfo(runMountProgram(["mount-list", namespacePath]).toString("utf8"));
}

/** All mount namespaces with processes that can be seen, this process's first. */
export function readMountNamespaces(): readonly MountNamespace[] {
  const members = new Map<number, number[]>();
  for (const pid of listPids()) {
    const inode = readNamespaceInode(pid, "mnt");
    if (inode === undefined) continue;
    const list = members.get(inode);
    if (list) list.push(pid);
    else members.set(inode, [pid]);
  }
  const own = readNamespaceInode("self", "mnt");
  const namespaces: MountNamespace[] = [];
  for (const [inode, pids] of members) {
    const mounts = inode === own ? readMountsOf("self") : readMountsOfFirst(pids);
    if (!mounts) continue;
    if (inode === own) namespaces.unshift({ inode, pids, mounts });
    else namespaces.push({ inode, pids, mounts });
  }
  return namespaces;
}

/** Of the first process whose root is the namespace's: to one in a smaller root other mounts are invisible. */
function readMountsOfFirst(pids: readonly number[]): readonly MountState[] | undefined {
  const wide = pids.find((pid) => readRootOf(pid) === "/") ?? pids[0];
  return wide === undefined ? undefined : readMountsOf(wide);
}

/** A process's root directory seen from its namespace's root; undefined when it is gone or not ours to see. */
function readRootOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/root`);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ESRCH", "EACCES", "EPERM")) return undefined;
    throw error;
  }
}

/** As `readRootOf`, for a process that must be there. */
export function requireRootOf(pid: number): string {
  const root = readRootOf(pid);
  if (root !== undefined) return root;
  throw new KernelError("readlink", "EACCES", `/proc/${pid}/root`, { hint: "run as root" });
}
