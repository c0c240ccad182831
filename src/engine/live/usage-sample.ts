// What two readings of a container's counters say: rates of the time in between. Pure.
import type { GroupCounters, GroupLimits } from "../../kernel/cgroup/counter.ts";
import type { UsageSample } from "./history.ts";
import type { BytesAt, Look } from "./usage-source.ts";

/** The newest sample, with what has been counted since the start. */
export interface UsageNow extends UsageSample {
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly blockReadBytes: number;
  readonly blockWriteBytes: number;
  readonly oomKills: number;
}

/** Counters of a container as they were read. */
export interface UsageReading {
  readonly limits: GroupLimits;
  readonly counters: GroupCounters;
  /** When these were read: milliseconds of a monotonic clock. */
  readonly readMs: number;
  readonly cpuNanos: number;
  readonly bytes: BytesAt;
  /** CPU time of the whole host, idle too, when the container's was read. */
  readonly systemNanos: number;
  readonly lookedMs: number;
}

/** docker's share of the host's CPU time, times its processors; 0 when no time went by or a counter ran backwards. */
export function cpuPercentOf(usedNanos: number, systemNanos: number, onlineCpus: number): number {
  return usedNanos > 0 && systemNanos > 0 ? (usedNanos / systemNanos) * onlineCpus * 100 : 0;
}

export function sampleOf(before: UsageReading, now: UsageReading, { atMs, cpu, hostMemoryBytes }: Look): UsageNow {
  const { counters, limits, bytes } = now;
  const rate = (value: (of: UsageReading) => number, sinceMs: number): number =>
    sinceMs > 0 ? (Math.max(value(now) - value(before), 0) * 1000) / sinceMs : 0;
  const looked = now.lookedMs - before.lookedMs;
  // What has rested until the last look did all it did since then.
  const read = now.cpuNanos === before.cpuNanos ? now.readMs - before.readMs : looked;
  const traffic = bytes.atMs - before.bytes.atMs;
  const throttled = rate((of) => of.counters.throttledNanos, read) / 1e7;
  return {
    atMs,
    cpuPercent: cpuPercentOf(now.cpuNanos - before.cpuNanos, now.systemNanos - before.systemNanos, cpu.onlineCpus),
    throttledPercent: Math.min(throttled, 100 * cpu.onlineCpus),
    memoryBytes: counters.memoryBytes,
    memoryLimitBytes: Math.min(limits.memoryBytes, hostMemoryBytes),
    receivedBytesPerSecond: rate((of) => of.bytes.receivedBytes, traffic),
    sentBytesPerSecond: rate((of) => of.bytes.sentBytes, traffic),
    readBytesPerSecond: rate((of) => of.counters.blockReadBytes, read),
    writeBytesPerSecond: rate((of) => of.counters.blockWriteBytes, read),
    pids: counters.pids,
    pidsLimit: limits.pids,
    ...(counters.pressure ? { pressure: counters.pressure } : {}),
    receivedBytes: bytes.receivedBytes,
    sentBytes: bytes.sentBytes,
    blockReadBytes: counters.blockReadBytes,
    blockWriteBytes: counters.blockWriteBytes,
    oomKills: counters.oomKills,
  };
}

/** Whether two samples differ in their time alone. */
export function isSameUse(one: UsageNow, other: UsageNow): boolean {
  for (const key in other) {
    if (key === "atMs" || key === "pressure") continue;
    if (one[key as keyof UsageNow] !== other[key as keyof UsageNow]) return false;
  }
  const kinds = ["cpu", "memory", "io"] as const;
  return kinds.every((kind) => one.pressure?.[kind] === other.pressure?.[kind]);
}

/** Nothing in it waits for anything, as far as the kernel counts that. */
export const isCalm = ({ pressure }: GroupCounters): boolean =>
  !pressure || (pressure.cpu === 0 && pressure.memory === 0 && pressure.io === 0);
