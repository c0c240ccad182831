// The processes of containers with what each of them uses: looked at once an interval, while somebody looks. Read in small pieces, as
// there may be thousands.
import { setTimeout as delay } from "node:timers/promises";
import { type ContainerState, isLive } from "../../container/record.ts";
import { openGroupFiles } from "../../kernel/cgroup/counter.ts";
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
  /** CPU time of all its processes together, finer than they run; 0 or undefined where that cannot be told. */
  readonly cpuNanos: (state: ContainerState) => number | undefined;
  readonly read: (pid: number) => ProcessState | undefined;
  readonly keepOnly: (pids: ReadonlySet<number>) => void;
  readonly clockMs: () => number;
}

/** Descriptors are the usage sampler's to keep: here it is one file of each container. */
const noRoom = { left: 0 };

function openProcessSources(): ProcessSources {
  const reader = openProcessReader();
  return {
    members: ({ record }) => listMembers(record.run?.cgroups ?? {}),
    cpuNanos: ({ record }) => openGroupFiles(record.run?.cgroups ?? {}, noRoom).readCpuNanos(),
    read: reader.read,
    keepOnly: reader.keepOnly,
    clockMs: () => performance.now(),
  };
}

interface Seen {
  use: ProcessUse;
  atMs: number;
}

/** What was known of a container when all of its processes were read. */
interface Stand {
  readonly cpuNanos: number | undefined;
  readonly atMs: number;
}

/** Where no processor was used, what processes hold in memory may still be taken from them: seen after so long. */
const standMs = 10_000;

/** Percent of one processor since it was seen before. */
function percentOf({ startTicks, cpuSeconds }: ProcessState, atMs: number, before: Seen | undefined): number | undefined {
  const seconds = before?.use.startTicks === startTicks ? (atMs - before.atMs) / 1000 : 0;
  return before && seconds > 0 ? (Math.max(cpuSeconds - before.use.cpuSeconds, 0) / seconds) * 100 : undefined;
}

/**
 * A sampler of processes: each `sample` is a computation with stops in it. Where a container has used no processor since its processes were
 * read, none of them can be another: only those are read that were not known. Values stay the same objects until something is another.
 */
export function openProcessSampler(sources: ProcessSources = openProcessSources()) {
  const seen = new Map<number, Seen>();
  let stands: ReadonlyMap<string, Stand> = new Map();
  let shown: readonly ProcessUse[] = [];
  function useOf({ record: { id, name } }: ContainerState, process: ProcessState): ProcessUse {
    const atMs = sources.clockMs();
    const before = seen.get(process.pid);
    const use = { ...process, containerId: id, containerName: name, cpuPercent: percentOf(process, atMs, before) };
    if (before) Object.assign(before, { use, atMs });
    else seen.set(process.pid, { use, atMs });
    return use;
  }
  /** As it was, having used nothing since then; undefined when it is not known as one of this container. */
  function standing({ record: { id, name } }: ContainerState, pid: number): ProcessUse | undefined {
    const before = seen.get(pid);
    if (before?.use.containerId !== id || before.use.containerName !== name) return undefined;
    before.atMs = sources.clockMs();
    if (before.use.cpuPercent !== 0) before.use = { ...before.use, cpuPercent: 0 };
    return before.use;
  }
  function* sampleOne(state: ContainerState, before: Stand | undefined): Generator<void, readonly [Stand, readonly ProcessUse[]]> {
    const atMs = sources.clockMs();
    // Before anything else is read: what runs from here on is seen by the next look.
    const cpuNanos = sources.cpuNanos(state);
    const stands = before !== undefined && (cpuNanos ?? 0) > 0 && before.cpuNanos === cpuNanos && atMs - before.atMs < standMs;
    const uses: ProcessUse[] = [];
    for (const pid of sources.members(state)) {
      let use = stands ? standing(state, pid) : undefined;
      if (!use) {
        const process = sources.read(pid);
        use = process && useOf(state, process);
      }
      if (use) uses.push(use);
      yield;
    }
    return [stands ? before : { cpuNanos, atMs }, uses];
  }
  return {
    *sample(containers: readonly ContainerState[]): Generator<void, ProcessBoard> {
      const live = containers.filter(isLive);
      const processes: ProcessUse[] = [];
      const next = new Map<string, Stand>();
      for (const state of live) {
        const [stand, uses] = yield* sampleOne(state, stands.get(state.record.id));
        next.set(state.record.id, stand);
        for (const use of uses) processes.push(use);
        yield;
      }
      stands = next;
      const pids = new Set(processes.map(({ pid }) => pid));
      for (const pid of seen.keys()) if (!pids.has(pid)) seen.delete(pid);
      sources.keepOnly(pids);
      if (processes.length !== shown.length || processes.some((use, at) => use !== shown[at])) shown = processes;
      return { atMs: Date.now(), containers: live.length, processes: shown };
    },
  };
}

/** Which containers: these, or all that run. */
export type ProcessWanted = readonly string[] | "running";

/** A first look, and a second one soon after: rates need two. */
const firstMs = 250;

/** A look is at work a fifth of its time (slice.ts): with so much rest behind it, a twentieth of a core at most. */
const restShare = 3;

/**
 * Yields after each of the first two looks, and then after those in which something was another; until the signal. Of containers that end
 * nothing is left; they may come back.
 */
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
  let before: ProcessBoard | undefined;
  for (let look = 0; !signal.aborted; look++) {
    const chosen = wanted === "running" ? containers : containers.filter(({ record }) => wanted.includes(record.id));
    const beganMs = performance.now();
    const board = await inSlices(sampler.sample(chosen), signal);
    if (!board) return;
    if (look < 2 || board.processes !== before?.processes || board.containers !== before.containers) yield board;
    before = board;
    const restMs = Math.max(intervalMs, (performance.now() - beganMs) * restShare);
    await delay(look === 0 ? firstMs : restMs, undefined, { signal }).catch(() => {});
  }
}
