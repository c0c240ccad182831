// Who a process is across pid reuse: pid and start time (field 22 of proc_pid_stat(5), clock ticks since boot).
import { isErrno } from "../../base/error.ts";
import { readProcessStat } from "./stat.ts";

export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: number;
}

/** Start time of a process that still runs; undefined when it is gone. A zombie only counts while threads of it go on: the first one may end before the others. */
export function readStartTime(pid: number): number | undefined {
  if (pid <= 0) return undefined;
  const stat = readProcessStat(pid);
  if (!stat || stat.state === "X" || (stat.state === "Z" && stat.threads < 2)) return undefined;
  return stat.startTicks;
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startTime: readStartTime(process.pid) ?? 0 };
}

/** Whether exactly this process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  return readStartTime(identity.pid) === identity.startTime;
}

/** Whether any process has this pid, a zombie too: one system call, for asking often. Who has it, `isRunning` says. */
export function hasProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isErrno(error, "EPERM");
  }
}
