// The processes of containers with what each of them uses: looked at once an interval, while somebody looks. Read in small pieces, as
// there may be thousands.
import { setTimeout as delay } from "node:timers/promises";
import { type ContainerState, isLive } from "../../container/record.ts";
import { listMembers } from "../../kernel/cgroup/process.ts";
import type { ProcessState } from "../../kernel/proc/process.ts";
import { openProcessReader } from "../../kernel/proc/reader.ts";
import { inSlices } from "./slice.ts";
import type { LiveSource } from "./source.ts";

export interface ProcessUse extends ProcessState {
  /** Of its container. */
  readonly containerId: string;
  readonly containerName: string;
  /** Since the look before; 100 is one whole processor. Undefined at its first look. */
  readonly cpuPercent: number | undefined;
}

export interface ProcessBoard {
  readonly atMs: number;
  /** Containers that were asked for and run. */
  readonly containers: number;
  /** By container, then by pid. */
  readonly processes: readonly ProcessUse[];
}

export interface ProcessSources {
  readonly members: (state: ContainerState) => readonly number[];
  readonly read: (pid: number) => ProcessState | undefined;
  readonly keepOnly: (pids: ReadonlySet<number>) => void;
  readonly clockMs: () => number;
}

function openProcessSources(): ProcessSources {
  const reader = openProcessReader();
  return {
    members: ({ record }) => listMembers(record.run?.cgroups ?? {}),
    read: reader.read,
    keepOnly: reader.keepOnly,
    clockMs: () => performance.now(),
  };
}

interface Seen {
  readonly startTicks: number;
  readonly cpuSeconds: number;
  readonly atMs: number;
}

/** A sampler of processes: each `sample` is a computation with stops in it. */
export function openProcessSampler(sources: ProcessSources = openProcessSources()) {
  const seen = new Map<number, Seen>();
  function useOf(state: ContainerState, process: ProcessState): ProcessUse {
    const atMs = sources.clockMs();
    const before = seen.get(process.pid);
    const { startTicks, cpuSeconds } = process;
    seen.set(process.pid, { startTicks, cpuSeconds, atMs });
    const seconds = before?.startTicks === startTicks ? (atMs - before.atMs) / 1000 : 0;
    const cpuPercent = before && seconds > 0 ? (Math.max(cpuSeconds - before.cpuSeconds, 0) / seconds) * 100 : undefined;
    return { ...process, containerId: state.record.id, containerName: state.record.name, cpuPercent };
  }
  return {
    *sample(containers: readonly ContainerState[]): Generator<void, ProcessBoard> {
      const live = containers.filter(isLive);
      const processes: ProcessUse[] = [];
      for (const state of live) {
        for (const pid of sources.members(state)) {
          const process = sources.read(pid);
          if (process) processes.push(useOf(state, process));
          yield;
        }
        yield;
      }
      const pids = new Set(processes.map(({ pid }) => pid));
      for (const pid of seen.keys()) if (!pids.has(pid)) seen.delete(pid);
      sources.keepOnly(pids);
      return { atMs: Date.now(), containers: live.length, processes };
    },
  };
}

/** Which containers: these, or all that run. */
export type ProcessWanted = readonly string[] | "running";

/** A first look, and a second one soon after: rates need two. */
const firstMs = 250;

/** Yields after each look, until the signal. Of containers that end nothing is left; they may come back. */
export async function* watchProcesses(
  source: LiveSource,
  wanted: ProcessWanted,
  intervalMs: number,
  signal: AbortSignal,
): AsyncGenerator<ProcessBoard> {
  const known = Promise.withResolvers<void>();
  let containers: readonly ContainerState[] = [];
  using _following = source.followContainers({
    told(newest) {
      containers = newest;
      known.resolve();
    },
    failed: (error) => known.reject(error),
  });
  signal.addEventListener("abort", () => known.resolve(), { once: true });
  await known.promise;
  const sampler = openProcessSampler();
  for (let look = 0; !signal.aborted; look++) {
    const chosen = wanted === "running" ? containers : containers.filter(({ record }) => wanted.includes(record.id));
    const board = await inSlices(sampler.sample(chosen), signal);
    if (!board) return;
    yield board;
    await delay(look === 0 ? firstMs : intervalMs, undefined, { signal }).catch(() => {});
  }
}
