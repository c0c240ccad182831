// Files below /proc/PID/net of any network namespace that has a process (proc_pid_net(5)).
import { readFileSync } from "node:fs";
import { isErrno } from "../../base/error.ts";

export interface NamespacePlace {
  /** Its file; absent for this process's namespace. */
  readonly path?: string | undefined;
  /** A process in it; 0 for none. */
  readonly pid: number;
}

/** Undefined when there is no such file, no process to ask through, or it is not ours to see. */
export function readNetFile({ path, pid }: NamespacePlace, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${path === undefined ? "self" : pid}/net/${file}`, "latin1");
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES", "ESRCH", "EINVAL")) return undefined;
    throw error;
  }
}
