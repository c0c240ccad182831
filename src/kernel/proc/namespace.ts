// Which namespaces processes are in, by the links below /proc/PID/ns (proc_pid_ns(5)): one readlink each, nothing else is read.
// A process that has ended or is not ours to see has none.
import { readdirSync, readlinkSync } from "node:fs";
import { isErrno } from "../../base/error.ts";
import type { NamespaceKind } from "../../namespace/spec.ts";

/** All processes, lowest pid first. */
export function listPids(): readonly number[] {
  const pids: number[] = [];
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (pid > 0) pids.push(pid);
  }
  return pids.sort((one, other) => one - other);
}

/** The number between the brackets of `net:[4026531840]`; 0 for anything else. */
export function inodeOfLink(target: string): number {
  const open = target.indexOf(":[");
  const inode = open < 0 ? Number.NaN : Number(target.slice(open + 2, -1));
  return Number.isSafeInteger(inode) && inode > 0 ? inode : 0;
}

/** Inode of a process's namespace; undefined when the process is gone or must not be asked, or the kernel lacks the kind. */
export function readNamespaceInode(pid: number | "self", kind: NamespaceKind | "pid_for_children"): number | undefined {
  try {
    return inodeOfLink(readlinkSync(`/proc/${pid}/ns/${kind}`)) || undefined;
  } catch (error) {
    // EINVAL: a zombie's user namespace of kernels before 4.x; the others: gone, or not ours.
    if (isErrno(error, "ENOENT", "ESRCH", "EACCES", "EPERM", "EINVAL")) return undefined;
    throw error;
  }
}

/** Lowest pid of every namespace of a kind that has processes we may see. */
export function readFirstMembers(kind: NamespaceKind, pids: readonly number[] = listPids()): ReadonlyMap<number, number> {
  const first = new Map<number, number>();
  for (const pid of pids) {
    const inode = readNamespaceInode(pid, kind);
    if (inode !== undefined && !first.has(inode)) first.set(inode, pid);
  }
  return first;
}
