// Use of containers over time: sampled for those that somebody looks at, kept for ten minutes. As few reads as will do: descriptors stay
// open, host figures are read once for all, and of a container that has not run since the last look nothing but that is asked.
import { type ContainerState, isLive } from "../../container/record.ts";
import type { GroupFiles } from "../../kernel/cgroup/counter.ts";
import { createUsageHistory, gapOf, type UsageHistory, type UsageSample } from "./history.ts";
import { atOnce } from "./slice.ts";
import { type TrafficSource, trafficSourceOf } from "./traffic.ts";
import { isCalm, isSameUse, sampleOf, type UsageNow, type UsageReading } from "./usage-sample.ts";
import { type Look, noBytes, openLook, openUsageSources, type UsageSources } from "./usage-source.ts";

export type { UsageSample } from "./history.ts";
export type { UsageNow } from "./usage-sample.ts";

export interface UsageBoard {
  /** The last sample of each container that has one; the same object until something of it but its time is another. */
  readonly latest: ReadonlyMap<string, UsageNow>;
  /** Of the last ten minutes, oldest first, about one a second; with gaps where nobody looked. The same array until there is a new one. */
  history(id: string): readonly UsageSample[];
  /** Samples that are further apart have a gap between them. */
  readonly gapMs: number;
}

export interface Sampled {
  /** Some container's latest sample is another one than before. */
  readonly isChanged: boolean;
  /** Of those that were looked at for the first time, by id: what is counted, and rates of 0. */
  readonly first: ReadonlyMap<string, UsageNow>;
  /** Ids of those that should be running and have no group, or no process in it, any more. */
  readonly gone: readonly string[];
}

/** Another container by its name, its id or the start of one. */
export type FindContainer = (reference: string) => ContainerState | undefined;

export interface UsageSampler extends Disposable {
  readonly board: UsageBoard;
  /** Samples these containers now. The first time only counters are read, rates come with the second. */
  sample(containers: readonly ContainerState[], find: FindContainer): Sampled;
  /**
   * The same in slices: a few containers a step, each read at its own moment, and its rates are of the time between its own looks. The
   * board changes in the last step, all at once; of looks that are given up before, nothing comes on it.
   */
  sliced(containers: readonly ContainerState[], find: FindContainer): Generator<void, Sampled>;
}

/** A container that does nothing is read whole this often: what others do to it, files written back. */
const restMs = 10_000;
/** The host's time is counted in steps of 10 ms: rates of less are none. */
const soonMs = 50;
const keptMs = 600_000;
/** One slice: so many containers, or as many as this much time is enough for (those that are new have files to be opened). */
const slice = { containers: 50, ms: 6 } as const;

interface Tracked extends UsageReading {
  readonly state: ContainerState;
  readonly files: GroupFiles;
}

/** What a look at one container has found, for the board. */
interface Looked {
  readonly isGone: boolean;
  /** There is nothing to be sampled any more. */
  readonly hasEnded?: true;
  readonly first?: UsageNow;
  readonly sample?: { readonly now: UsageNow; readonly lookedMs: number };
}

/** `intervalMs`: between two samples. */
export function openUsageSampler(intervalMs: number, sources: UsageSources & Partial<Disposable> = openUsageSources()): UsageSampler {
  // Who was not looked at for so long begins anew: rates over a longer time say nothing of now.
  const gapMs = gapOf(intervalMs);
  const tracked = new Map<string, Tracked>();
  const latest = new Map<string, UsageNow>();
  const histories = openHistories();
  function drop(id: string): boolean {
    tracked.get(id)?.files.close();
    tracked.delete(id);
    return latest.delete(id);
  }
  function look(state: ContainerState, at: Look, source: TrafficSource): Looked {
    const { id } = state.record;
    const before = follow(tracked.get(id), state, sources);
    if (at.clockMs - before.lookedMs < soonMs) return { isGone: false };
    const isFirst = at.clockMs - before.lookedMs > gapMs;
    const now = readOn(before, state, at, source, isFirst);
    if (!now) {
      if (tracked.get(id)?.files !== before.files) before.files.close();
      return { isGone: true, hasEnded: true };
    }
    tracked.set(id, now);
    const isGone = now.readMs === at.clockMs && now.counters.pids === 0 && state.record.run?.cgroups.pids !== undefined;
    return isFirst
      ? { isGone, first: sampleOf(now, now, at) }
      : { isGone, sample: { now: sampleOf(before, now, at), lookedMs: at.clockMs } };
  }
  /** On the board, and whether something there is another by it. */
  function put(id: string, { sample, hasEnded }: Looked): boolean {
    if (hasEnded) return drop(id);
    // Meanwhile there may have been another look, between two slices of this one: its sample is there already.
    if (!sample || tracked.get(id)?.lookedMs !== sample.lookedMs) return false;
    histories.of(id).push(sample.now);
    const old = latest.get(id);
    if (old && isSameUse(old, sample.now)) return false;
    latest.set(id, sample.now);
    return true;
  }
  function* sliced(containers: readonly ContainerState[], find: FindContainer): Generator<void, Sampled> {
    const live = containers.filter(isLive).map((state) => ({ state, source: trafficSourceOf(state, find) }));
    const readLook = openLook(
      sources,
      live.map(({ source }) => source),
    );
    const all = new Map<string, Looked>();
    for (const state of containers) if (!isLive(state)) all.set(state.record.id, { isGone: false, hasEnded: true });
    let at = readLook();
    let left: number = slice.containers;
    for (const { state, source } of live) {
      if (left-- === 0 || sources.clockMs() - at.clockMs > slice.ms) {
        yield;
        at = readLook();
        left = slice.containers - 1;
      }
      all.set(state.record.id, look(state, at, source));
    }
    return tell(all, at);
  }
  function tell(all: ReadonlyMap<string, Looked>, at: Look): Sampled {
    let isChanged = false;
    const gone: string[] = [];
    const first = new Map<string, UsageNow>();
    for (const [id, looked] of all) {
      isChanged = put(id, looked) || isChanged;
      if (looked.isGone) gone.push(id);
      if (looked.first) first.set(id, looked.first);
    }
    // What nobody looks at any more keeps no descriptors, and in the end nothing.
    for (const [id, { lookedMs }] of tracked) if (at.clockMs - lookedMs > gapMs) drop(id);
    histories.forget(at.atMs);
    return { isChanged, first, gone };
  }
  return {
    board: { latest, history: (id) => histories.read(id), gapMs },
    sliced,
    sample: (containers, find) => atOnce(sliced(containers, find)),
    [Symbol.dispose]() {
      for (const id of [...tracked.keys()]) drop(id);
      sources[Symbol.dispose]?.();
    },
  };
}

/** What is known of a container, with the limits it has now; of a new run everything begins anew: its groups only have the same names. */
function follow(known: Tracked | undefined, state: ContainerState, { openFiles }: UsageSources): Tracked {
  if (known?.state === state) return known;
  const { run } = state.record;
  if (known && known.state.pid === state.pid && known.state.record.run?.startedMs === run?.startedMs) {
    return { ...known, limits: known.files.readLimits() };
  }
  known?.files.close();
  const files = openFiles(run?.cgroups ?? {});
  const counters = { memoryBytes: 0, throttledNanos: 0, pids: 0, blockReadBytes: 0, blockWriteBytes: 0, oomKills: 0 };
  const never = Number.NEGATIVE_INFINITY;
  return {
    state,
    files,
    limits: files.readLimits(),
    counters,
    cpuNanos: 0,
    readMs: never,
    lookedMs: never,
    systemNanos: 0,
    bytes: { ...noBytes, atMs: never },
  };
}

/** Undefined when the groups have gone. */
function readOn(before: Tracked, state: ContainerState, at: Look, source: TrafficSource, isFirst: boolean): Tracked | undefined {
  const cpuNanos = before.files.readCpuNanos();
  if (cpuNanos === undefined) return undefined;
  const hasRested = cpuNanos > 0 && cpuNanos === before.cpuNanos && isCalm(before.counters) && !isFirst;
  const isKept = hasRested && at.clockMs - before.readMs < restMs;
  return {
    ...before,
    state,
    cpuNanos,
    counters: isKept ? before.counters : before.files.readCounters(),
    readMs: isKept ? before.readMs : at.clockMs,
    lookedMs: at.clockMs,
    systemNanos: at.cpu.totalNanos,
    bytes: at.bytesOf(source),
  };
}

function openHistories() {
  const all = new Map<string, UsageHistory>();
  let shown: { readonly id: string; readonly lastMs: number; readonly samples: readonly UsageSample[] } | undefined;
  return {
    of(id: string): UsageHistory {
      const known = all.get(id) ?? createUsageHistory();
      all.set(id, known);
      return known;
    },
    read(id: string): readonly UsageSample[] {
      const history = all.get(id);
      if (!history) return [];
      const { lastMs } = history;
      if (shown?.id !== id) shown = { id, lastMs, samples: history.read() };
      else if (shown.lastMs !== lastMs) shown = { id, lastMs, samples: history.read(shown.samples) };
      return shown.samples;
    },
    forget(nowMs: number): void {
      for (const [id, { lastMs }] of all) if (nowMs - lastMs > keptMs) all.delete(id);
    },
  };
}
