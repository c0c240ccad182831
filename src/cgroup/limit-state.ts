// The limits a group has, from the texts of its files, in the vocabulary of limit.ts. Reads nothing.
import { parseDeviceList } from "./device-list.ts";
import { type IoKey, ioKeys, ioNames, parseIoMax, parseThrottle } from "./io-limit.ts";
import type { LimitSpec } from "./limit.ts";
import { sharesOfWeight } from "./shares.ts";
import { parseNumber } from "./usage.ts";
import { parseWeight, weightFiles } from "./weight.ts";

/** Texts of a group's files by file name, for example memory.max; what is not there is left out. */
export type GroupTexts = ReadonlyMap<string, string>;

/** Files that hold limits, per controller in v1's names. */
export const limitFiles: Readonly<Record<"v1" | "v2", Readonly<Record<string, readonly string[]>>>> = {
  v1: {
    memory: ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.soft_limit_in_bytes"],
    cpu: ["cpu.shares", "cpu.cfs_quota_us", "cpu.cfs_period_us", "cpu.rt_period_us", "cpu.rt_runtime_us"],
    cpuset: ["cpuset.cpus", "cpuset.mems"],
    pids: ["pids.max"],
    blkio: [...ioKeys.map((key) => ioNames[key].legacy), ...weightFiles.v1],
    devices: ["devices.list"],
  },
  v2: {
    memory: ["memory.max", "memory.swap.max", "memory.low"],
    cpu: ["cpu.weight", "cpu.max"],
    cpuset: ["cpuset.cpus", "cpuset.mems"],
    pids: ["pids.max"],
    blkio: ["io.max", ...weightFiles.v2],
    devices: [],
  },
};

/** v1 shows "no limit" as the greatest multiple of a page below 2^63; anything from 2^62 on means it. */
const unlimitedFrom = 2 ** 62;

function bytesOf(text: string | undefined): number | undefined {
  const value = parseNumber(text);
  return value === undefined ? undefined : value >= unlimitedFrom || value < 0 ? -1 : value;
}

/** `max` of v2 and negative numbers of v1 as -1. */
function countOf(text: string | undefined): number | undefined {
  const value = parseNumber(text);
  return value === undefined ? undefined : Number.isFinite(value) && value >= 0 ? value : -1;
}

type Draft = { -readonly [K in keyof LimitSpec]: LimitSpec[K] | undefined };

function legacyLimits(texts: GroupTexts): Draft {
  const throttle = ioKeys.map((key): [IoKey, string | undefined] => [key, texts.get(ioNames[key].legacy)]);
  const hasIo = throttle.some(([, text]) => text !== undefined);
  const devices = texts.get("devices.list");
  return {
    memoryBytes: bytesOf(texts.get("memory.limit_in_bytes")),
    memorySwapBytes: bytesOf(texts.get("memory.memsw.limit_in_bytes")),
    memoryReservationBytes: bytesOf(texts.get("memory.soft_limit_in_bytes")),
    cpuShares: countOf(texts.get("cpu.shares")),
    cpuQuotaMicros: countOf(texts.get("cpu.cfs_quota_us")),
    cpuPeriodMicros: countOf(texts.get("cpu.cfs_period_us")),
    cpuRealtimePeriodMicros: countOf(texts.get("cpu.rt_period_us")),
    cpuRealtimeRuntimeMicros: countOf(texts.get("cpu.rt_runtime_us")),
    blkioWeight: weightOf("v1", texts),
    io: hasIo ? parseThrottle(Object.fromEntries(throttle.filter(([, text]) => text !== undefined))) : undefined,
    devices: devices === undefined ? undefined : parseDeviceList(devices),
  };
}

/** Of the files that a host may have, the one that is there. */
function weightOf(version: "v1" | "v2", texts: GroupTexts): number | undefined {
  const file = weightFiles[version].find((one) => texts.has(one));
  return file === undefined ? undefined : parseWeight(file, texts.get(file) ?? "");
}

function unifiedLimits(texts: GroupTexts): Draft {
  const memory = bytesOf(texts.get("memory.max"));
  const swap = bytesOf(texts.get("memory.swap.max"));
  const low = bytesOf(texts.get("memory.low"));
  const weight = parseNumber(texts.get("cpu.weight"));
  const [quota, period] = (texts.get("cpu.max") ?? "").trim().split(" ");
  const io = texts.get("io.max");
  return {
    memoryBytes: memory,
    // v2 limits swap by itself: together they are limited only if both are.
    memorySwapBytes: memory === undefined || swap === undefined ? undefined : memory < 0 || swap < 0 ? -1 : memory + swap,
    memoryReservationBytes: low === 0 ? -1 : low,
    cpuShares: weight === undefined || !Number.isFinite(weight) ? undefined : sharesOfWeight(weight),
    cpuQuotaMicros: countOf(quota),
    cpuPeriodMicros: countOf(period),
    blkioWeight: weightOf("v2", texts),
    io: io === undefined ? undefined : parseIoMax(io),
  };
}

/** The limits these files tell. */
export function parseLimits(version: "v1" | "v2", texts: GroupTexts): LimitSpec {
  const draft = version === "v1" ? legacyLimits(texts) : unifiedLimits(texts);
  const all: Draft = {
    ...draft,
    cpusetCpus: texts.get("cpuset.cpus")?.trim(),
    cpusetMems: texts.get("cpuset.mems")?.trim(),
    pidsLimit: countOf(texts.get("pids.max")),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
