// All namespaces of the host at once: those with processes, and those that bind mounts or open descriptors keep. Linear in the
// number of processes: one readlink per process and kind.
import { readlinkSync } from "node:fs";
import { isErrno } from "../../base/error.ts";
import type { NamespaceKind } from "../../namespace/spec.ts";
import { inodeOfLink, listPids } from "./namespace.ts";
import { readNamespaceDescriptors, readNamespaceMounts } from "./namespace-file.ts";

export interface ScannedNamespace {
  readonly kind: NamespaceKind;
  readonly inode: number;
  processes: number;
  /** Lowest pid in it, or the pid that holds it open; 0 for none. */
  readonly pid: number;
  readonly holder: "process" | "mount" | "descriptor";
  readonly path: string;
}

/** By inode: numbers are unique among all kinds. */
export function scanNamespaces(kinds: readonly NamespaceKind[], pids: readonly number[] = listPids()): Map<number, ScannedNamespace> {
  const found = new Map<number, ScannedNamespace>();
  for (const pid of pids) {
    for (const kind of kinds) {
      try {
        const inode = inodeOfLink(readlinkSync(`/proc/${pid}/ns/${kind}`));
        const known = found.get(inode);
        if (known) known.processes++;
        else if (inode !== 0) found.set(inode, { kind, inode, processes: 1, pid, holder: "process", path: `/proc/${pid}/ns/${kind}` });
      } catch (error) {
        // Not ours to see: refused for one kind, refused for all. A zombie (ENOENT) has lost most kinds, but is in its pid and user
        // namespaces until somebody waits for it.
        if (isErrno(error, "EACCES", "EPERM")) break;
      }
    }
  }
  return found;
}

/** Adds what no process is in. */
export function addHeldNamespaces(found: Map<number, ScannedNamespace>, kinds: readonly NamespaceKind[], pids: readonly number[]): void {
  const wanted = new Set(kinds);
  for (const { kind, inode, target } of readNamespaceMounts()) {
    if (!wanted.has(kind) || found.has(inode)) continue;
    found.set(inode, { kind, inode, processes: 0, pid: 0, holder: "mount", path: target });
  }
  for (const pid of pids) {
    for (const { kind, inode, fd } of readNamespaceDescriptors(pid)) {
      if (!wanted.has(kind) || found.has(inode)) continue;
      found.set(inode, { kind, inode, processes: 0, pid, holder: "descriptor", path: `/proc/${pid}/fd/${fd}` });
    }
  }
}
