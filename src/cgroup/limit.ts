// The one vocabulary of limits: docker's words, whatever the cgroup version. Parses and renders values; which file holds
// them is in limit-plan.ts and limit-state.ts.
import { TsnsError } from "../base/error.ts";
import { formatBytes, parseBytesOrUnlimited, parseCpus, parseInteger } from "../base/unit.ts";
import { type DeviceChoice, parseDeviceChoice, renderDeviceChoice } from "./device-list.ts";
import { type IoLimit, renderIoLimit } from "./io-limit.ts";
import type { ResourceSpec } from "./spec.ts";

/** -1 is no limit, a missing one is not spoken of (or not told by the kernel). */
export interface LimitSpec
  extends Omit<ResourceSpec, "devices" | "deviceRules" | "nanoCpus" | "memorySwappiness" | "oomKillDisable" | "blkioWeightDevices"> {
  readonly devices?: DeviceChoice;
}

/** Every word with the controller it needs, in v1's names. */
export const limitWords = {
  memory: "memory",
  "memory-swap": "memory",
  "memory-reservation": "memory",
  "cpu-shares": "cpu",
  cpus: "cpu",
  "cpu-quota": "cpu",
  "cpu-period": "cpu",
  "cpuset-cpus": "cpuset",
  "cpuset-mems": "cpuset",
  "pids-limit": "pids",
  "cpu-rt-period": "cpu",
  "cpu-rt-runtime": "cpu",
  "blkio-weight": "blkio",
  "io-max": "blkio",
  devices: "devices",
} as const;

export type LimitWord = keyof typeof limitWords;

/** Controllers with one limit, or one that is meant as a rule, by v1's and v2's names. */
const soleLimits: Readonly<Record<string, LimitWord>> = { pids: "pids-limit", io: "io-max", blkio: "io-max", cpuset: "cpuset-cpus" };

/** The word itself, or that of a controller's only or usual limit; undefined for what is no limit. */
export function findLimitWord(text: string): LimitWord | undefined {
  if (Object.hasOwn(limitWords, text)) return text as LimitWord;
  return Object.hasOwn(soleLimits, text) ? soleLimits[text] : undefined;
}

/** Period that --cpus gives its quota for, as docker's. */
export const cpusPeriodMicros = 100_000;

const isNone = (text: string) => text === "max" || text === "-1";

function whole(word: LimitWord, text: string, minimum: number, maximum?: number): number {
  return isNone(text) && (word === "pids-limit" || word === "cpu-quota") ? -1 : parseInteger(text, word, minimum, maximum);
}

/** One `word=value`; `io-max` is read by io-limit.ts. Throws TsnsError invalid. */
export function parseLimit(word: Exclude<LimitWord, "io-max">, text: string): LimitSpec {
  const bytes = () => parseBytesOrUnlimited(text === "max" ? "-1" : text, word);
  switch (word) {
    case "memory":
      return { memoryBytes: bytes() };
    case "memory-swap":
      return { memorySwapBytes: bytes() };
    case "memory-reservation":
      return { memoryReservationBytes: bytes() };
    case "cpu-shares":
      return { cpuShares: whole(word, text, 2, 262_144) };
    case "cpus":
      return isNone(text)
        ? { cpuQuotaMicros: -1, cpuPeriodMicros: cpusPeriodMicros }
        : { cpuQuotaMicros: Math.round((parseCpus(text, word) / 1e9) * cpusPeriodMicros), cpuPeriodMicros: cpusPeriodMicros };
    case "cpu-quota":
      return { cpuQuotaMicros: whole(word, text, 1000) };
    case "cpu-period":
      return { cpuPeriodMicros: whole(word, text, 1000, 1_000_000) };
    case "cpuset-cpus":
      return { cpusetCpus: text };
    case "cpuset-mems":
      return { cpusetMems: text };
    case "pids-limit":
      return { pidsLimit: whole(word, text, 1) };
    case "cpu-rt-period":
      return { cpuRealtimePeriodMicros: whole(word, text, 1, 2_147_483_647) };
    case "cpu-rt-runtime":
      return { cpuRealtimeRuntimeMicros: whole(word, text, 0, 2_147_483_647) };
    case "blkio-weight":
      return { blkioWeight: whole(word, text, 10, 1000) };
    case "devices":
      return { devices: parseDeviceChoice(text, word) };
  }
}

const amount = (value: number | undefined, render: (value: number) => string = String) =>
  value === undefined ? undefined : value < 0 ? "unlimited" : render(value);

/** A quota as a number of CPUs: 1.5. */
function cpusOf({ cpuQuotaMicros: quota, cpuPeriodMicros: period }: LimitSpec): number | undefined {
  if (quota === undefined || period === undefined || period === 0) return undefined;
  return quota < 0 ? -1 : Math.round((quota / period) * 1e6) / 1e6;
}

/** The value of a word for people; undefined when the group does not have it. `exact`: bytes as a number. */
export function renderLimit(word: LimitWord, limits: LimitSpec, exact = false): string | undefined {
  const bytes = exact ? String : formatBytes;
  switch (word) {
    case "memory":
      return amount(limits.memoryBytes, bytes);
    case "memory-swap":
      return amount(limits.memorySwapBytes, bytes);
    case "memory-reservation":
      return amount(limits.memoryReservationBytes, bytes);
    case "cpu-shares":
      return amount(limits.cpuShares);
    case "cpus":
      return amount(cpusOf(limits));
    case "cpu-quota":
      return amount(limits.cpuQuotaMicros);
    case "cpu-period":
      return amount(limits.cpuPeriodMicros);
    case "cpuset-cpus":
      return limits.cpusetCpus;
    case "cpuset-mems":
      return limits.cpusetMems;
    case "pids-limit":
      return amount(limits.pidsLimit);
    case "cpu-rt-period":
      return amount(limits.cpuRealtimePeriodMicros);
    case "cpu-rt-runtime":
      return amount(limits.cpuRealtimeRuntimeMicros);
    case "blkio-weight":
      return amount(limits.blkioWeight);
    case "io-max":
      return limits.io && (limits.io.map(renderIoLimit).join(",") || "unlimited");
    case "devices":
      return limits.devices && renderDeviceChoice(limits.devices);
  }
}

/** The words a spec speaks of, for errors that name them. */
export function wordsOf(limits: LimitSpec): readonly LimitWord[] {
  return (Object.keys(limitWords) as LimitWord[]).filter((word) => {
    if (word === "cpus") return false;
    if (word === "io-max") return (limits.io?.length ?? 0) > 0;
    if (word === "cpu-quota") return limits.cpuQuotaMicros !== undefined;
    if (word === "cpu-period") return limits.cpuPeriodMicros !== undefined;
    return renderLimit(word, limits) !== undefined;
  });
}

/** Two specs as one; I/O limits of the same device are joined. Throws invalid when a word is given twice with other values. */
export function joinLimits(specs: readonly LimitSpec[]): LimitSpec {
  const io = new Map<string, IoLimit>();
  let joined: LimitSpec = {};
  for (const { io: own, ...spec } of specs) {
    for (const [key, value] of Object.entries(spec)) {
      const before = (joined as Readonly<Record<string, unknown>>)[key];
      if (before !== undefined && JSON.stringify(before) !== JSON.stringify(value)) {
        throw new TsnsError("invalid", "limit-twice", `two different values for ${key === "cpuQuotaMicros" ? "the CPU quota" : key}`, {
          hint: "--cpus sets quota and period: give it without --cpu-quota and --cpu-period",
        });
      }
    }
    for (const limit of own ?? []) io.set(limit.device, { ...io.get(limit.device), ...limit });
    joined = { ...joined, ...spec };
  }
  return io.size === 0 ? joined : { ...joined, io: [...io.values()] };
}
