// Use of containers over time: sampled for those that somebody looks at, kept for ten minutes.
import type { UsageState } from "../../cgroup/usage.ts";
import { computeStats } from "../../cgroup/usage.ts";
import { isLive } from "../../container/record.ts";
import { readUsage } from "../../kernel/cgroup/usage.ts";
import { readNetworkTraffic } from "../../kernel/proc/net-dev.ts";
import { getContainer } from "../../store/container-record.ts";
import { observeContainer } from "../container/observe.ts";
import type { Engine } from "../engine.ts";

/** Of one moment. Rates are of the time since the sample before. */
export interface UsageSample {
  /** Unix time, milliseconds. */
  readonly atMs: number;
  /** 100 is one whole processor. */
  readonly cpuPercent: number;
  /** Share of the time in which its processor time was withheld, percent. */
  readonly throttledPercent: number;
  readonly memoryBytes: number;
  readonly memoryLimitBytes: number;
  readonly receivedBytesPerSecond: number;
  readonly sentBytesPerSecond: number;
  readonly readBytesPerSecond: number;
  readonly writeBytesPerSecond: number;
  readonly pids: number;
  /** 0 is no limit. */
  readonly pidsLimit: number;
}

export interface UsageBoard {
  /** The last sample of each container that has one. */
  readonly latest: ReadonlyMap<string, UsageSample>;
  /** Of the last ten minutes, oldest first; with gaps where nobody looked. */
  history(id: string): readonly UsageSample[];
}

export interface UsageSampler {
  readonly board: UsageBoard;
  /** Samples these containers now. */
  sample(ids: readonly string[]): void;
}

const keptMs = 600_000;

interface Reading {
  readonly usage: UsageState;
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

export function openUsageSampler(engine: Engine): UsageSampler {
  const readings = new Map<string, Reading>();
  const histories = new Map<string, UsageSample[]>();
  const latest = new Map<string, UsageSample>();
  return {
    board: { latest, history: (id) => histories.get(id) ?? [] },
    sample(ids) {
      const atMs = Date.now();
      for (const id of ids) {
        const now = read(engine, id);
        const before = readings.get(id);
        if (!now) {
          readings.delete(id);
          latest.delete(id);
          continue;
        }
        readings.set(id, now);
        if (!before) continue;
        const sample = sampleOf(before, now, atMs);
        latest.set(id, sample);
        const history = histories.get(id) ?? [];
        histories.set(id, history);
        history.push(sample);
        while ((history[0]?.atMs ?? atMs) < atMs - keptMs) history.shift();
      }
    },
  };
}

function read(engine: Engine, id: string): Reading | undefined {
  const record = getContainer(engine.store, id);
  const state = record && observeContainer(engine, record);
  if (!state || !isLive(state)) return undefined;
  const traffic = readNetworkTraffic(state.pid);
  return {
    usage: readUsage(state.record.run?.cgroups ?? {}),
    receivedBytes: traffic.reduce((sum, link) => sum + link.receivedBytes, 0),
    sentBytes: traffic.reduce((sum, link) => sum + link.sentBytes, 0),
  };
}

function sampleOf(before: Reading, now: Reading, atMs: number): UsageSample {
  const seconds = Math.max((now.usage.readMs - before.usage.readMs) / 1000, 0.001);
  const rate = (value: (reading: Reading) => number) => Math.max(value(now) - value(before), 0) / seconds;
  return {
    atMs,
    cpuPercent: computeStats(before.usage, now.usage).cpuPercent,
    throttledPercent: Math.min(rate(({ usage }) => usage.throttled.nanos) / 1e7, 100 * now.usage.onlineCpus),
    memoryBytes: now.usage.memoryBytes,
    memoryLimitBytes: now.usage.memoryLimitBytes,
    receivedBytesPerSecond: rate(({ receivedBytes }) => receivedBytes),
    sentBytesPerSecond: rate(({ sentBytes }) => sentBytes),
    readBytesPerSecond: rate(({ usage }) => usage.blockReadBytes),
    writeBytesPerSecond: rate(({ usage }) => usage.blockWriteBytes),
    pids: now.usage.pids,
    pidsLimit: now.usage.pidsLimit,
  };
}
