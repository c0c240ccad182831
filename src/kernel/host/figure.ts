// Figures of the whole machine that change all the time, from a few files of /proc and statfs(2): cheap enough for once a second.
import { readFileSync, statfsSync } from "node:fs";
import { isErrno } from "../../base/error.ts";
import { parseMeminfo } from "../proc/host.ts";
import { readTextIfThere } from "../text-file.ts";

/** CPU time of one core since the boot, in ticks (proc_stat(5)). */
export interface CoreTicks {
  readonly user: number;
  readonly system: number;
  readonly idle: number;
  /** Idle while something waits for a disk. */
  readonly wait: number;
  /** Taken by the machine below this one. */
  readonly steal: number;
}

/** Those of /proc/stat's lines `cpu0`, `cpu1` ... by number: a core that is off has none. */
export function parseCores(text: string): ReadonlyMap<number, CoreTicks> {
  const cores = new Map<number, CoreTicks>();
  for (const [, core, values = ""] of text.matchAll(/^cpu(\d+) (.*)$/gm)) {
    const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softirq = 0, steal = 0] = values.trim().split(/ +/).map(Number);
    cores.set(Number(core), { user: user + nice, system: system + irq + softirq, idle, wait, steal });
  }
  return cores;
}

/** Share of the time in which something had to wait, in the last ten seconds, percent (Documentation/accounting/psi.rst). */
export function parsePressure(text: string | undefined): number | undefined {
  const share = /^some avg10=(\d+(?:\.\d+)?) /m.exec(text ?? "")?.[1];
  return share === undefined ? undefined : Number(share);
}

export interface HostLoad {
  /** Of 1, 5 and 15 minutes. */
  readonly averages: readonly [number, number, number];
  /** Threads of the whole host. */
  readonly runnable: number;
  readonly threads: number;
}

/** /proc/loadavg (proc_loadavg(5)). */
export function parseLoad(text: string): HostLoad {
  const [one = 0, five = 0, fifteen = 0] = text.split(" ").slice(0, 3).map(Number);
  const [, runnable = "0", threads = "0"] = / (\d+)\/(\d+) /.exec(text) ?? [];
  return { averages: [one, five, fifteen], runnable: Number(runnable), threads: Number(threads) };
}

export interface HostFigures {
  readonly cores: ReadonlyMap<number, CoreTicks>;
  /** /proc/meminfo in bytes. */
  readonly memory: ReadonlyMap<string, number>;
  readonly load: HostLoad;
  readonly uptimeSeconds: number;
  /** Absent where the kernel does not count it. */
  readonly pressure?: { readonly cpu: number; readonly memory: number; readonly io: number };
}

export function readHostFigures(): HostFigures {
  const [cpu, memory, io] = ["cpu", "memory", "io"].map((name) => parsePressure(readOptional(`/proc/pressure/${name}`)));
  return {
    cores: parseCores(readFileSync("/proc/stat", "utf8")),
    memory: parseMeminfo(readFileSync("/proc/meminfo", "utf8")),
    load: parseLoad(readFileSync("/proc/loadavg", "utf8")),
    uptimeSeconds: Number.parseFloat(readFileSync("/proc/uptime", "utf8")),
    ...(cpu === undefined ? {} : { pressure: { cpu, memory: memory ?? 0, io: io ?? 0 } }),
  };
}

/** Without CONFIG_PSI, or with psi=0, there are no files of pressure. */
const readOptional = (path: string): string | undefined => readTextIfThere(path, "ENOENT", "EOPNOTSUPP", "EACCES");

/** The file system that a path is on. */
export interface DiskFigures {
  readonly sizeBytes: number;
  readonly usedBytes: number;
  /** For everybody: root may have some more. */
  readonly availableBytes: number;
  /** 0 where it counts none (btrfs). */
  readonly inodes: number;
  readonly usedInodes: number;
}

/** Undefined where nothing is there yet. */
export function readDisk(path: string): DiskFigures | undefined {
  try {
    const { bsize, blocks, bfree, bavail, files, ffree } = statfsSync(path);
    return {
      sizeBytes: blocks * bsize,
      usedBytes: (blocks - bfree) * bsize,
      availableBytes: bavail * bsize,
      inodes: files,
      usedInodes: files - ffree,
    };
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}
