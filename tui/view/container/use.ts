// What a container uses now, and what several use together. Pure.
import { type ContainerState, isLive } from "../../../src/container/record.ts";
import type { UsageBoard, UsageNow, UsageSample } from "../../../src/engine/live/usage.ts";

/** Figures of a row; of a group sums, without limits. */
export interface Use
  extends Pick<
    UsageSample,
    | "cpuPercent"
    | "throttledPercent"
    | "memoryBytes"
    | "receivedBytesPerSecond"
    | "sentBytesPerSecond"
    | "readBytesPerSecond"
    | "writeBytesPerSecond"
    | "pids"
  > {
  readonly memoryLimitBytes?: number;
  /** 0 is no limit. */
  readonly pidsLimit?: number;
  readonly pressure?: NonNullable<UsageSample["pressure"]>;
}

type Board = Pick<UsageBoard, "latest"> | undefined;

/** Of a container that does not run the last sample says nothing. */
export const useOf = (state: ContainerState, board: Board): UsageNow | undefined =>
  isLive(state) ? board?.latest.get(state.record.id) : undefined;

/** Undefined while nothing of any of them is known. */
export function sumUse(members: readonly ContainerState[], board: Board): Use | undefined {
  const uses = members.flatMap((state) => useOf(state, board) ?? []);
  if (uses.length === 0) return undefined;
  const sum = (value: (use: UsageNow) => number): number => uses.reduce((total, use) => total + value(use), 0);
  return {
    cpuPercent: sum(({ cpuPercent }) => cpuPercent),
    throttledPercent: sum(({ throttledPercent }) => throttledPercent),
    memoryBytes: sum(({ memoryBytes }) => memoryBytes),
    receivedBytesPerSecond: sum(({ receivedBytesPerSecond }) => receivedBytesPerSecond),
    sentBytesPerSecond: sum(({ sentBytesPerSecond }) => sentBytesPerSecond),
    readBytesPerSecond: sum(({ readBytesPerSecond }) => readBytesPerSecond),
    writeBytesPerSecond: sum(({ writeBytesPerSecond }) => writeBytesPerSecond),
    pids: sum(({ pids }) => pids),
  };
}

/** Processors it may use: its limit, or one where it has none. */
export function processorsOf({ record }: ContainerState): number {
  const { nanoCpus, cpuQuotaMicros = 0, cpuPeriodMicros = 100_000 } = record.spec.resources;
  if (nanoCpus) return nanoCpus / 1e9;
  return cpuQuotaMicros > 0 ? cpuQuotaMicros / cpuPeriodMicros : 1;
}
