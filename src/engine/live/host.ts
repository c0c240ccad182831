// The machine from one moment to the next: what its cores do, its memory, its disk, and how much of that is the containers'.
import { hostname, release } from "node:os";
import { dirname } from "node:path";
import type { ContainerState } from "../../container/record.ts";
import { readCgroupLayout } from "../../kernel/cgroup/layout.ts";
import type { HostFacts } from "../../kernel/host/fact.ts";
import { type CoreTicks, type DiskFigures, type HostFigures, readDisk, readHostFigures } from "../../kernel/host/figure.ts";
import type { Engine } from "../engine.ts";
import { gapOf } from "./history.ts";
import type { UsageBoard, UsageNow } from "./usage.ts";

export type { HostFacts } from "../../kernel/host/fact.ts";
export type { DiskFigures } from "../../kernel/host/figure.ts";

/** Of the time since the sample before, percent of this core; what is left of 100 it was idle. */
export interface CoreUse {
  /** As the kernel counts cores; one that is off is left out. */
  readonly core: number;
  readonly userPercent: number;
  readonly systemPercent: number;
  /** Idle while something waited for a disk. */
  readonly waitPercent: number;
  /** Taken by the machine below this one. */
  readonly stealPercent: number;
}

/** What runs in containers of this data root. */
export interface ContainerShare {
  readonly running: number;
  /** 100 is one whole core. */
  readonly cpuPercent: number;
  readonly memoryBytes: number;
  readonly pids: number;
}

export interface HostPoint {
  readonly atMs: number;
  /** Of all cores together, 0 to 100. */
  readonly cpuPercent: number;
  /** Of all memory. */
  readonly memoryPercent: number;
}

export interface HostState {
  /** Unix time, milliseconds. */
  readonly atMs: number;
  readonly hostname: string;
  /** Release of the kernel. */
  readonly kernel: string;
  readonly architecture: string;
  /** "v1", "v2" or "hybrid"; empty where no hierarchy is mounted. */
  readonly cgroupMode: string;
  /** Distribution, model of the processor; absent in the first moments. */
  readonly facts?: HostFacts;
  readonly uptimeSeconds: number;
  /** Empty in the first sample: there is nothing to compare with. */
  readonly cores: readonly CoreUse[];
  /** Of 1, 5 and 15 minutes. */
  readonly load: readonly [number, number, number];
  /** Threads of the whole host. */
  readonly runnable: number;
  readonly threads: number;
  readonly memoryBytes: number;
  /** What could not be had for something new without swapping. */
  readonly memoryUsedBytes: number;
  /** Files in memory that could be let go. */
  readonly memoryCachedBytes: number;
  readonly swapBytes: number;
  readonly swapUsedBytes: number;
  /** Share of the last ten seconds in which something waited for it, percent; absent where the kernel does not count it. */
  readonly pressure?: { readonly cpu: number; readonly memory: number; readonly io: number };
  readonly root: string;
  /** Of the file system of the data root. */
  readonly disk?: DiskFigures;
  readonly containers: ContainerShare;
  /** Of the last ten minutes, oldest first, this sample last. */
  readonly history: readonly HostPoint[];
  /** Points that are further apart have a gap between them. */
  readonly gapMs: number;
}

/** What these containers use together. */
export function shareOf(running: readonly ContainerState[], { latest }: Pick<UsageBoard, "latest">): ContainerShare {
  const sum = (value: (sample: UsageNow) => number): number =>
    running.reduce((total, { record }) => {
      const sample = latest.get(record.id);
      return total + (sample ? value(sample) : 0);
    }, 0);
  return {
    running: running.length,
    cpuPercent: sum(({ cpuPercent }) => cpuPercent),
    memoryBytes: sum(({ memoryBytes }) => memoryBytes),
    pids: sum(({ pids }) => pids),
  };
}

export interface HostSampler {
  /** The machine now. `containers`: from who samples them. */
  sample(containers: ContainerShare): HostState;
}

const keptMs = 600_000;
/** A disk fills slowly, and statfs(2) of one that is far away waits. */
const diskMs = 5000;

/** `intervalMs`: between two samples. The facts come a little later: reading them takes a while and starts programs. */
export function openHostSampler(engine: Pick<Engine, "root">, intervalMs: number): HostSampler {
  let before: HostFigures | undefined;
  let disk: { readonly atMs: number; readonly figures: DiskFigures | undefined } | undefined;
  let facts: HostFacts | undefined;
  let history: readonly HostPoint[] = [];
  const still = {
    hostname: hostname(),
    kernel: release(),
    architecture: process.arch,
    cgroupMode: readCgroupMode(),
    root: engine.root,
    gapMs: gapOf(intervalMs),
  };
  void readFacts().then((read) => {
    facts = read;
  });
  return {
    sample(containers) {
      const atMs = Date.now();
      const now = readHostFigures();
      if (!disk || atMs - disk.atMs >= diskMs) disk = { atMs, figures: readNearestDisk(engine.root) };
      const cores = before ? compareCores(before.cores, now.cores) : [];
      before = now;
      const memory = memoryOf(now.memory);
      const point = { atMs, cpuPercent: meanUse(cores), memoryPercent: percentOf(memory.memoryUsedBytes, memory.memoryBytes) };
      if (cores.length > 0) history = [...history.filter((old) => old.atMs > atMs - keptMs), point];
      return {
        ...still,
        atMs,
        ...(facts ? { facts } : {}),
        uptimeSeconds: now.uptimeSeconds,
        cores,
        load: now.load.averages,
        runnable: now.load.runnable,
        threads: now.load.threads,
        ...memory,
        ...(now.pressure ? { pressure: now.pressure } : {}),
        ...(disk.figures ? { disk: disk.figures } : {}),
        containers,
        history,
      };
    },
  };
}

const percentOf = (part: number, whole: number): number => (whole > 0 ? (part / whole) * 100 : 0);

const busyOf = ({ userPercent, systemPercent, stealPercent }: CoreUse): number => userPercent + systemPercent + stealPercent;

/** Of all cores together, 0 to 100: what they were not idle. */
export const meanUse = (cores: readonly CoreUse[]): number =>
  cores.length === 0 ? 0 : cores.reduce((sum, core) => sum + busyOf(core), 0) / cores.length;

/** What each core did between two looks; one that was off before is told of from the next look on. */
export function compareCores(before: ReadonlyMap<number, CoreTicks>, now: ReadonlyMap<number, CoreTicks>): readonly CoreUse[] {
  return [...now].flatMap(([core, ticks]): CoreUse[] => {
    const old = before.get(core);
    if (!old) return [];
    // Idle and wait may run backwards a little (proc_stat(5)).
    const since = (key: keyof CoreTicks) => Math.max(ticks[key] - old[key], 0);
    const whole = since("user") + since("system") + since("idle") + since("wait") + since("steal");
    const share = (key: keyof CoreTicks) => percentOf(since(key), whole);
    return [{ core, userPercent: share("user"), systemPercent: share("system"), waitPercent: share("wait"), stealPercent: share("steal") }];
  });
}

function memoryOf(values: ReadonlyMap<string, number>) {
  const of = (key: string) => values.get(key) ?? 0;
  return {
    memoryBytes: of("MemTotal"),
    memoryUsedBytes: Math.max(of("MemTotal") - of("MemAvailable"), 0),
    memoryCachedBytes: of("Cached") + of("Buffers") + of("SReclaimable"),
    swapBytes: of("SwapTotal"),
    swapUsedBytes: Math.max(of("SwapTotal") - of("SwapFree"), 0),
  };
}

/** A data root that is not made yet will be on the disk of the directory above. */
function readNearestDisk(path: string): DiskFigures | undefined {
  return readDisk(path) ?? (path === dirname(path) ? undefined : readNearestDisk(dirname(path)));
}

function readCgroupMode(): string {
  try {
    return readCgroupLayout().mode;
  } catch {
    return "";
  }
}

/** Undefined where the machine does not say: what is shown without them is of use, too. */
async function readFacts(): Promise<HostFacts | undefined> {
  try {
    return await (await import("../../kernel/host/fact.ts")).readHostFacts();
  } catch {
    return undefined;
  }
}
