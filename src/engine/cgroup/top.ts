// Use of groups over time: CPU and I/O as rates between two readings. Groups may come and go meanwhile.
import type { GroupRow, GroupUsage } from "../../cgroup/view.ts";
import type { Engine } from "../engine.ts";
import { type ListOptions, listGroups } from "./list.ts";

export interface GroupSample {
  readonly row: GroupRow;
  readonly usage: GroupUsage;
  /** 100 is one CPU fully used; undefined where nothing counts CPU time, or in the first reading of a new group. */
  readonly cpuPercent: number | undefined;
  readonly readBytesPerSecond: number | undefined;
  readonly writeBytesPerSecond: number | undefined;
}

export interface TopOptions extends ListOptions {
  readonly intervalMs: number;
  readonly signal: AbortSignal;
}

/** A round of samples each interval, until the signal. The first one comes after the first interval. */
export async function* sampleGroups(
  engine: Engine,
  reference: string | undefined,
  options: TopOptions,
): AsyncGenerator<readonly GroupSample[]> {
  const { setTimeout } = await import("node:timers/promises");
  let before = readAll(engine, reference, options);
  while (!options.signal.aborted) {
    await setTimeout(options.intervalMs, undefined, { signal: options.signal }).catch(() => {});
    if (options.signal.aborted) return;
    const now = readAll(engine, reference, options);
    yield compare(before, now);
    before = now;
  }
}

interface Reading {
  readonly atMs: number;
  readonly groups: ReadonlyMap<string, { readonly row: GroupRow; readonly usage: GroupUsage }>;
}

function readAll(engine: Engine, reference: string | undefined, options: ListOptions): Reading {
  const rows = listGroups(engine, reference, options);
  return { atMs: performance.now(), groups: new Map(rows.map((row) => [row.path, { row, usage: row.usage }])) };
}

function compare(before: Reading, now: Reading): readonly GroupSample[] {
  const seconds = (now.atMs - before.atMs) / 1000;
  return [...now.groups].map(([path, { row, usage }]) => {
    const old = before.groups.get(path)?.usage;
    // A counter that ran backwards is another group of the same name.
    const rate = (key: "cpuNanos" | "readBytes" | "writeBytes") => {
      const from = old?.[key];
      const to = usage[key];
      return from === undefined || to === undefined || to < from || seconds <= 0 ? undefined : (to - from) / seconds;
    };
    const cpu = rate("cpuNanos");
    return {
      row,
      usage,
      cpuPercent: cpu === undefined ? undefined : cpu / 1e7,
      readBytesPerSecond: rate("readBytes"),
      writeBytesPerSecond: rate("writeBytes"),
    };
  });
}
