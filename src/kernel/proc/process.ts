// A list of processes with all that `top` and `ps` show of them, read from /proc without a process table of the host.
import { type HostCpu, readHostCpu, ticksPerSecond } from "./host.ts";
import { readUserNames } from "./passwd.ts";
import { type ProcessStat, readProcessFile, readProcessStat } from "./stat.ts";
import { readProcessStatus } from "./status.ts";

export interface ProcessState extends ProcessStat {
  readonly uid: number;
  readonly gid: number;
  /** Name of the effective uid on the host, or its number. */
  readonly user: string;
  /** Pid inside its own pid namespace. */
  readonly innerPid: number;
  /** Empty for kernel threads and zombies. */
  readonly args: readonly string[];
  readonly residentBytes: number;
  /** Milliseconds since the epoch. */
  readonly startedMs: number;
  /** Seconds of CPU time. */
  readonly cpuSeconds: number;
}

/** Splits /proc/<pid>/cmdline; a process may have overwritten it with one string without final NUL. */
export function parseCommandLine(text: string): readonly string[] {
  const trimmed = text.replace(/\0+$/, "");
  return trimmed === "" ? [] : trimmed.split("\0");
}

function readProcess(pid: number, users: ReadonlyMap<number, string>, cpu: HostCpu): ProcessState | undefined {
  const stat = readProcessStat(pid);
  const status = readProcessStatus(pid);
  if (!stat || !status) return undefined;
  const uid = status.uids[1];
  return {
    ...stat,
    uid,
    gid: status.gids[1],
    user: users.get(uid) ?? `${uid}`,
    innerPid: status.namespacePids.at(-1) ?? pid,
    args: parseCommandLine(readProcessFile(pid, "cmdline") ?? ""),
    residentBytes: status.residentBytes,
    startedMs: (cpu.bootSeconds + stat.startTicks / ticksPerSecond) * 1000,
    cpuSeconds: (stat.userTicks + stat.systemTicks) / ticksPerSecond,
  };
}

/** The processes of these pids that are still there, in the order given. */
export function listProcesses(pids: readonly number[]): readonly ProcessState[] {
  const users = readUserNames();
  const cpu = readHostCpu();
  return pids.flatMap((pid) => readProcess(pid, users, cpu) ?? []);
}
