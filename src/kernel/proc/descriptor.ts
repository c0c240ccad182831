// What processes have open, by the links below /proc/PID/fd (proc_pid_fd(5)): one readlink each, nothing is opened. A process that has
// ended or is not ours to see has none; a descriptor closed meanwhile is left out.
import { readdirSync, readlinkSync } from "node:fs";
import { listPids } from "./namespace.ts";

export interface Descriptor {
  readonly fd: number;
  /** "socket:[812]", "net:[4026531840]", or a path. */
  readonly target: string;
}

/** Open descriptors of one process, read as they are asked for. */
export function* readDescriptors(pid: number): Generator<Descriptor> {
  let names: readonly string[];
  try {
    names = readdirSync(`/proc/${pid}/fd`);
  } catch {
    return;
  }
  for (const name of names) {
    let target: string;
    try {
      target = readlinkSync(`/proc/${pid}/fd/${name}`);
    } catch {
      continue;
    }
    yield { fd: Number(name), target };
  }
}

function hasDescriptor(pid: number, target: string): boolean {
  for (const descriptor of readDescriptors(pid)) if (descriptor.target === target) return true;
  return false;
}

/** Processes with a descriptor whose link reads so ("socket:[812]"), lowest pid first. One pass over all descriptors we may see. */
export function readDescriptorHolders(target: string): readonly number[] {
  return listPids().filter((pid) => hasDescriptor(pid, target));
}

/** The lowest of them. */
export function readFirstHolder(target: string): number | undefined {
  return listPids().find((pid) => hasDescriptor(pid, target));
}

/** Lowest pid that has each of these sockets open; one pass over all descriptors we may see. */
export function readSocketOwners(inodes: ReadonlySet<number>): ReadonlyMap<number, number> {
  const owners = new Map<number, number>();
  if (inodes.size === 0) return owners;
  for (const pid of listPids()) {
    if (owners.size === inodes.size) break;
    for (const { target } of readDescriptors(pid)) {
      const inode = target.startsWith("socket:[") ? Number(target.slice(8, -1)) : 0;
      if (inodes.has(inode) && !owners.has(inode)) owners.set(inode, pid);
    }
  }
  return owners;
}
