// Processes read again and again: of one that was read before mostly its numbers alone are asked, what seldom changes is kept for a while.
import { readFileSync } from "node:fs";
import { endianness } from "node:os";
import { readHostCpu, ticksPerSecond } from "./host.ts";
import { readUserNames } from "./passwd.ts";
import { type ProcessState, parseCommandLine } from "./process.ts";
import { type ProcessStat, readProcessFile, readProcessStat } from "./stat.ts";
import { type ProcessStatus, readProcessStatus } from "./status.ts";

/** A program may give itself another title or user: seen after so long at the latest, `standing` where it has used no time of a processor. */
const keptMs = { running: 5000, standing: 20_000 } as const;

interface Kept {
  readonly startTicks: number;
  readonly comm: string;
  readonly ticks: number;
  readonly atMs: number;
  readonly status: ProcessStatus;
  readonly args: readonly string[];
}

export interface ProcessReader {
  /** The process now, or undefined when there is none. */
  read(pid: number): ProcessState | undefined;
  /** What is kept of others than these is not needed any more. */
  keepOnly(pids: ReadonlySet<number>): void;
}

/** AT_PAGESZ of the auxiliary vector (getauxval(3)): pairs of machine words; 4096 where it cannot be read. */
export function parsePageBytes(vector: Buffer, isLittle = endianness() === "LE"): number {
  const words = Array.from({ length: Math.floor(vector.length / 8) }, (_, at) =>
    Number(isLittle ? vector.readBigUInt64LE(at * 8) : vector.readBigUInt64BE(at * 8)),
  );
  for (let at = 0; at + 1 < words.length; at += 2) if (words[at] === 6) return words[at + 1] ?? 4096;
  return 4096;
}

export function openProcessReader(nowMs: () => number = () => performance.now()): ProcessReader {
  const kept = new Map<number, Kept>();
  const pageBytes = parsePageBytes(readFileSync("/proc/self/auxv"));
  const users = readUserNames();
  const { bootSeconds } = readHostCpu();
  function more({ pid, startTicks, comm, userTicks, systemTicks }: ProcessStat): Kept | undefined {
    const known = kept.get(pid);
    const atMs = nowMs();
    const ticks = userTicks + systemTicks;
    const mostMs = known?.ticks === ticks ? keptMs.standing : keptMs.running;
    if (known && known.startTicks === startTicks && known.comm === comm && atMs - known.atMs < mostMs) return known;
    const status = readProcessStatus(pid);
    if (!status) return undefined;
    const read = { startTicks, comm, ticks, atMs, status, args: parseCommandLine(readProcessFile(pid, "cmdline") ?? "") };
    kept.set(pid, read);
    return read;
  }
  return {
    read(pid) {
      const stat = readProcessStat(pid);
      const rest = stat && more(stat);
      if (!stat || !rest) return undefined;
      const [, uid] = rest.status.uids;
      return {
        ...stat,
        uid,
        gid: rest.status.gids[1],
        user: users.get(uid) ?? `${uid}`,
        innerPid: rest.status.namespacePids.at(-1) ?? pid,
        args: rest.args,
        residentBytes: stat.residentPages * pageBytes,
        startedMs: (bootSeconds + stat.startTicks / ticksPerSecond) * 1000,
        cpuSeconds: (stat.userTicks + stat.systemTicks) / ticksPerSecond,
      };
    },
    keepOnly(pids) {
      for (const pid of kept.keys()) if (!pids.has(pid)) kept.delete(pid);
    },
  };
}
