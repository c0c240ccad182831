// Process 1 of a named set's pid namespace: who it is, and who else lives there.
import { readFileSync } from "node:fs";
import { isErrno } from "../../base/error.ts";
import type { ProcessIdentity } from "./identity.ts";
import { listPids, readNamespaceInode } from "./namespace.ts";

/** Parses `PID STARTTIME` of the file `holder`. Strict, as a signal is sent to it. */
export function parseHolder(text: string): ProcessIdentity | undefined {
  const match = /^([1-9]\d{0,9}) (\d{1,15})\n?$/.exec(text);
  return match ? { pid: Number(match[1]), startTime: Number(match[2]) } : undefined;
}

export function readHolder(directory: string): ProcessIdentity | undefined {
  try {
    return parseHolder(readFileSync(`${directory}/holder`, "utf8"));
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES")) return undefined;
    throw error;
  }
}

/** Processes in a pid namespace besides its holder. */
export function readResidents(holder: ProcessIdentity): readonly number[] {
  const inode = readNamespaceInode(holder.pid, "pid");
  if (inode === undefined) return [];
  return listPids().filter((pid) => pid !== holder.pid && readNamespaceInode(pid, "pid") === inode);
}
