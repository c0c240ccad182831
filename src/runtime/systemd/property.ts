// Limits as properties of a unit (systemd.resource-control(5); runc, docs/systemd.md): made of what is written to the files of the group, so that both
// say the same. What systemd has no property for the files alone say. Pure.
import { parseCpuList } from "../../cgroup/cpuset.ts";

/** A property as busctl(1) takes one: name, D-Bus type, value in words. */
export interface UnitProperty {
  readonly name: string;
  readonly type: string;
  readonly words: readonly string[];
}

/** A file of a group by its name, and what is written to it. */
export interface GroupWrite {
  readonly file: string;
  readonly value: string;
}

export const property = (name: string, type: string, ...words: readonly string[]): UnitProperty => ({ name, type, words });

/** UINT64_MAX: no limit. */
const infinity = (1n << 64n) - 1n;

interface Range {
  readonly name: string;
  /** What systemd takes; outside of that the kernel judges, by the file. */
  readonly least: bigint;
  readonly most?: bigint;
}

/** Files that hold a number. */
const numbers: Readonly<Record<string, Range>> = {
  "memory.max": { name: "MemoryMax", least: 1n },
  "memory.high": { name: "MemoryHigh", least: 1n },
  "memory.low": { name: "MemoryLow", least: 0n },
  "memory.min": { name: "MemoryMin", least: 0n },
  "memory.swap.max": { name: "MemorySwapMax", least: 0n },
  "memory.limit_in_bytes": { name: "MemoryLimit", least: 1n },
  "pids.max": { name: "TasksMax", least: 1n },
  "cpu.weight": { name: "CPUWeight", least: 1n, most: 10_000n },
  "cpu.shares": { name: "CPUShares", least: 2n, most: 262_144n },
  "blkio.weight": { name: "BlockIOWeight", least: 10n, most: 1000n },
};

/** Files that hold a list of CPUs or memory nodes. */
const lists: Readonly<Record<string, string>> = { "cpuset.cpus": "AllowedCPUs", "cpuset.mems": "AllowedMemoryNodes" };

/** The first version that knows them: before, such a property would be an error. */
const since = { list: 244, period: 242 } as const;

function numberOf(text: string): bigint | undefined {
  const word = text.trim();
  if (word === "max" || word === "-1") return infinity;
  return /^\d+$/.test(word) ? BigInt(word) : undefined;
}

/** The bits of a list, eight in each byte, those of 0 to 7 first. */
function bitsOf(list: string): readonly string[] {
  const members = parseCpuList(list) ?? [];
  const bytes = new Array<number>(Math.floor(Math.max(-1, ...members) / 8) + 1).fill(0);
  for (const member of members) bytes[member >> 3] = (bytes[member >> 3] ?? 0) | (1 << (member & 7));
  return [`${bytes.length}`, ...bytes.map(String)];
}

/** One percent of a CPU, in microseconds a second: systemd keeps no less, and a limit below the one of the file would hold instead of it. */
const quotaStep = 10_000n;
const usualPeriod = 100_000n;

function quotaOf(quota: bigint, period: bigint): bigint {
  if (quota <= 0n || quota === infinity || period <= 0n) return infinity;
  return ((quota * 1_000_000n) / period / quotaStep + (((quota * 1_000_000n) / period) % quotaStep > 0n ? 1n : 0n)) * quotaStep;
}

function timeProperties(value: ReadonlyMap<string, string>, version: number, now: bigint | undefined): readonly UnitProperty[] {
  const [quota, period] = value.get("cpu.max")?.trim().split(/\s+/) ?? [value.get("cpu.cfs_quota_us"), value.get("cpu.cfs_period_us")];
  if (quota === undefined && period === undefined) return [];
  const micros = numberOf(period ?? "") ?? now ?? usualPeriod;
  return [
    ...(period === undefined || version < since.period ? [] : [property("CPUQuotaPeriodUSec", "t", `${micros}`)]),
    ...(quota === undefined ? [] : [property("CPUQuotaPerSecUSec", "t", `${quotaOf(numberOf(quota) ?? infinity, micros)}`)]),
  ];
}

/** `version`: of systemd. `period`: the one of v1 that is set, in microseconds, where only a quota changes. The last write to a file counts. */
export function limitProperties(writes: readonly GroupWrite[], version: number, period?: bigint): readonly UnitProperty[] {
  const value = new Map(writes.map((write) => [write.file, write.value]));
  return [
    ...[...value].flatMap(([file, text]) => {
      const list = lists[file];
      if (list !== undefined) return version < since.list ? [] : [property(list, "ay", ...bitsOf(text))];
      const range = numbers[file];
      const number = range && numberOf(text);
      if (!range || number === undefined || number < range.least || (number !== infinity && number > (range.most ?? infinity))) return [];
      return [property(range.name, "t", `${number}`)];
    }),
    ...timeProperties(value, version, period),
  ];
}
