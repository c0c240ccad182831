// Which processes are in which network namespace, and what can be told about the owner from its cgroup. Reads /proc.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { isErrno } from "../../base/error.ts";

/** Inode of a process's network namespace; undefined when it has ended or is not ours to see. */
function readNamespaceInode(pid: string): string | undefined {
  try {
    return /\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/ns/net`))?.[1];
  } catch (error) {
    if (isErrno(error, "ENOENT", "ESRCH", "EACCES", "EPERM")) return undefined;
    throw error;
  }
}

/** Processes of every other network namespace that has some, lowest pid first: the first is usually its process 1. */
export function readNamespaceMembers(): readonly (readonly number[])[] {
  const own = readNamespaceInode("self");
  const members = new Map<string, number[]>();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const inode = readNamespaceInode(pid);
    if (inode === undefined || inode === own) continue;
    const known = members.get(inode);
    if (known) known.push(Number(pid));
    else members.set(inode, [Number(pid)]);
  }
  return [...members.values()].map((pids) => pids.sort((one, other) => one - other));
}

/** Container engines whose cgroup names hold the container's id: docker, podman, containerd, cri-o. */
const cgroupNames = /(?:^|[/:-])(docker|libpod|cri-containerd|crio)[-/](?:conmon-)?([0-9a-f]{64})/;

/** `docker 1f2e3d4c5b6a` for a process in such a cgroup (the text of /proc/PID/cgroup). */
export function parseForeignOwner(cgroups: string): string | undefined {
  const match = cgroupNames.exec(cgroups);
  if (!match) return undefined;
  const engine = match[1] === "libpod" ? "podman" : match[1] === "cri-containerd" ? "containerd" : match[1];
  return `${engine} ${match[2]?.slice(0, 12)}`;
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    if (isErrno(error, "ENOENT", "ESRCH", "EACCES")) return "";
    throw error;
  }
}

/** Whom a process belongs to, when tsns does not know it: another engine's container, or its command. */
export function readForeignOwner(pid: number): string {
  return parseForeignOwner(read(`/proc/${pid}/cgroup`)) ?? (read(`/proc/${pid}/comm`).trim() || "unknown");
}

/** Routes and addresses of a process's network namespace, as /proc/net/route and /proc/net/fib_trie have them. */
export function readNamespaceTables(pid: number): { readonly route: string; readonly fibTrie: string } {
  return { route: read(`/proc/${pid}/net/route`), fibTrie: read(`/proc/${pid}/net/fib_trie`) };
}
