// From limits to writes of cgroup files, for both versions, each with the write that brings back what was there before.
// Knows order and translation; that the controllers are there is checked in group-plan.ts.
import { TsnsError } from "../base/error.ts";
import type { PlannedStep } from "../plan/plan.ts";
import { renderDeviceRule } from "./device.ts";
import { compileDeviceFilter } from "./device-filter.ts";
import { type DeviceChoice, parseDeviceList } from "./device-list.ts";
import { directoryOf, type Hierarchy, hierarchyOf } from "./hierarchy.ts";
import { type IoKey, type IoLimit, ioKeys, ioNames, renderIoLimit } from "./io-limit.ts";
import type { LimitSpec } from "./limit.ts";
import { type GroupTexts, parseLimits } from "./limit-state.ts";
import { weightOfShares } from "./plan-v2.ts";
import { renderWeight, weightFiles } from "./weight.ts";

/** A group in one hierarchy, with what its files say now; a new group has none. */
interface Place {
  readonly directory: string;
  readonly texts: GroupTexts;
}

function write(place: Place, file: string, value: string, because: string, before = place.texts.get(file)?.trim()): PlannedStep {
  const path = `${place.directory}/${file}`;
  return {
    step: { kind: "cgroup.write", path, value },
    because,
    ...(before === undefined ? {} : { undo: { kind: "cgroup.write", path, value: before } }),
  };
}

const memoryWords = {
  limit: "the memory limit",
  swap: "the limit of memory and swap together",
  reservation: "the memory to shrink to, or to keep, under pressure",
};

function legacyMemory(place: Place, limits: LimitSpec): readonly PlannedStep[] {
  const steps: PlannedStep[] = [];
  const { memoryBytes, memorySwapBytes, memoryReservationBytes } = limits;
  const now = parseLimits("v1", place.texts);
  if (memoryBytes !== undefined) steps.push(write(place, "memory.limit_in_bytes", `${memoryBytes}`, memoryWords.limit));
  if (memorySwapBytes !== undefined) {
    const step = write(place, "memory.memsw.limit_in_bytes", `${memorySwapBytes}`, memoryWords.swap);
    // The kernel keeps limit <= memsw.limit at every moment (cgroup-v1/memory.rst), so a limit that rises above it goes second.
    const ceiling = now.memorySwapBytes ?? -1;
    const rises = ceiling >= 0 && (memoryBytes === undefined || memoryBytes < 0 || memoryBytes > ceiling);
    if (rises) steps.unshift(step);
    else steps.push(step);
  }
  if (memoryReservationBytes !== undefined) {
    steps.push(write(place, "memory.soft_limit_in_bytes", `${memoryReservationBytes}`, memoryWords.reservation));
  }
  return steps;
}

function unifiedMemory(place: Place, limits: LimitSpec): readonly PlannedStep[] {
  const steps: PlannedStep[] = [];
  const { memoryBytes, memorySwapBytes, memoryReservationBytes } = limits;
  const max = (value: number) => (value < 0 ? "max" : `${value}`);
  if (memoryBytes !== undefined) steps.push(write(place, "memory.max", max(memoryBytes), memoryWords.limit));
  const now = parseLimits("v2", place.texts);
  // Where only memory is spoken of, the limit of both together stays as it is, which is another one of swap.
  const together = memorySwapBytes ?? (memoryBytes !== undefined && (now.memorySwapBytes ?? -1) >= 0 ? now.memorySwapBytes : undefined);
  if (together !== undefined) {
    const memory = memoryBytes ?? now.memoryBytes ?? -1;
    const swap = together < 0 ? "max" : `${together - memory}`;
    steps.push(write(place, "memory.swap.max", swap, "the swap limit: v2 counts swap by itself"));
  }
  if (memoryReservationBytes !== undefined) {
    steps.push(write(place, "memory.low", `${Math.max(memoryReservationBytes, 0)}`, memoryWords.reservation));
  }
  return steps;
}

function legacyCpu(place: Place, limits: LimitSpec): readonly PlannedStep[] {
  const { cpuShares, cpuPeriodMicros, cpuQuotaMicros } = limits;
  return [
    ...legacyRealtime(place, limits),
    ...(cpuShares === undefined ? [] : [write(place, "cpu.shares", `${cpuShares}`, "the weight against other groups")]),
    ...(cpuPeriodMicros === undefined ? [] : [write(place, "cpu.cfs_period_us", `${cpuPeriodMicros}`, "the period a quota refers to")]),
    ...(cpuQuotaMicros === undefined ? [] : [write(place, "cpu.cfs_quota_us", `${cpuQuotaMicros}`, "the CPU time allowed per period")]),
  ];
}

function legacyRealtime(place: Place, limits: LimitSpec): readonly PlannedStep[] {
  const { cpuRealtimePeriodMicros: period, cpuRealtimeRuntimeMicros: runtime } = limits;
  return [
    ...(period === undefined ? [] : [write(place, "cpu.rt_period_us", `${period}`, "the period of real-time processes")]),
    ...(runtime === undefined ? [] : [write(place, "cpu.rt_runtime_us", `${runtime}`, "the time of real-time processes per period")]),
  ];
}

function refuseRealtime({ cpuRealtimePeriodMicros: period, cpuRealtimeRuntimeMicros: runtime }: LimitSpec): void {
  if (period === undefined && runtime === undefined) return;
  const word = period === undefined ? "cpu-rt-runtime" : "cpu-rt-period";
  throw new TsnsError("unsupported", "cgroup-v1-only", `${word} needs cgroup v1: cgroup v2 has nothing like it`, {
    hint: "leave it out: real-time processes share the host's budget",
  });
}

/** The weight goes to the file that is there; a new group's files are not known yet. */
function weightSteps(place: Place, version: "v1" | "v2", weight: number): readonly PlannedStep[] {
  const file = weightFiles[version].find((one) => place.texts.has(one));
  if (file !== undefined) return [write(place, file, renderWeight(file, weight), "the share of block I/O against other groups")];
  throw new TsnsError("unsupported", "no-io-weights", "blkio-weight has no file here: no I/O scheduler of this kernel knows weights", {
    hint: "switch a device to one first: echo bfq > /sys/block/DEVICE/queue/scheduler",
  });
}

function unifiedCpu(place: Place, limits: LimitSpec): readonly PlannedStep[] {
  const { cpuShares, cpuPeriodMicros, cpuQuotaMicros } = limits;
  const now = parseLimits("v2", place.texts);
  const steps: PlannedStep[] = [];
  refuseRealtime(limits);
  if (cpuShares !== undefined) {
    steps.push(write(place, "cpu.weight", `${weightOfShares(cpuShares)}`, `${cpuShares} shares as the weight of v2`));
  }
  if (cpuPeriodMicros !== undefined || cpuQuotaMicros !== undefined) {
    const quota = cpuQuotaMicros ?? now.cpuQuotaMicros ?? -1;
    const period = cpuPeriodMicros ?? now.cpuPeriodMicros ?? 100_000;
    steps.push(write(place, "cpu.max", `${quota < 0 ? "max" : quota} ${period}`, "the CPU time allowed per period"));
  }
  return steps;
}

function cpusetSteps(place: Place, limits: LimitSpec): readonly PlannedStep[] {
  const { cpusetCpus, cpusetMems } = limits;
  return [
    ...(cpusetCpus === undefined ? [] : [write(place, "cpuset.cpus", cpusetCpus, "the CPUs its processes may run on")]),
    ...(cpusetMems === undefined ? [] : [write(place, "cpuset.mems", cpusetMems, "the memory nodes its processes may use")]),
  ];
}

function ioSteps(place: Place, version: "v1" | "v2", limits: readonly IoLimit[]): readonly PlannedStep[] {
  const now = parseLimits(version, place.texts).io;
  return limits.flatMap((limit) => {
    const before = now?.find(({ device }) => device === limit.device);
    const because = `what device ${limit.device} gives per second`;
    if (version === "v2") {
      const keys = ioKeys.filter((key) => limit[key] !== undefined);
      const old: IoLimit = { device: limit.device, ...Object.fromEntries(keys.map((key) => [key, before?.[key] ?? -1])) };
      return [write(place, "io.max", renderIoLimit(limit), because, now && renderIoLimit(old))];
    }
    return ioKeys.flatMap((key: IoKey) => {
      const value = limit[key];
      const file = ioNames[key].legacy;
      // 0 takes the limit off (cgroup-v1/blkio-controller.rst).
      const line = (amount: number) => `${limit.device} ${Math.max(amount, 0)}`;
      return value === undefined ? [] : [write(place, file, line(value), because, now && line(before?.[key] ?? 0))];
    });
  });
}

/** One rule per line; the kernel takes one per write. "a" lets everything through. */
function deviceLines(choice: DeviceChoice): string {
  return choice === "all" ? "a" : choice.map(renderDeviceRule).join("\n");
}

function legacyDevices(place: Place, choice: DeviceChoice): readonly PlannedStep[] {
  const list = place.texts.get("devices.list");
  const path = (file: string) => `${place.directory}/${file}`;
  const before = list === undefined ? undefined : deviceLines(parseDeviceList(list));
  const deny: PlannedStep = {
    step: { kind: "cgroup.write", path: path("devices.deny"), value: "a" },
    because: "no device can be opened but those allowed next",
    // Undone last, after everything has been denied again.
    ...(before ? { undo: { kind: "cgroup.write", path: path("devices.allow"), value: before } } : {}),
  };
  if (choice !== "all" && choice.length === 0) return [deny];
  const allow: PlannedStep = {
    step: { kind: "cgroup.write", path: path("devices.allow"), value: deviceLines(choice) },
    because: "the devices its processes may use",
    ...(before === undefined ? {} : { undo: { kind: "cgroup.write", path: path("devices.deny"), value: "a" } }),
  };
  return choice === "all" ? [{ ...allow, because: "no device is refused" }] : [deny, allow];
}

/** Last of all, so that nothing after it can fail: what program was there before cannot be loaded again from what the kernel tells. */
function unifiedDevices(place: Place, choice: DeviceChoice): readonly PlannedStep[] {
  const programHex = choice === "all" ? "" : compileDeviceFilter(choice);
  return [{ step: { kind: "cgroup.device-filter", path: place.directory, programHex }, because: "v2 asks a BPF program for each device" }];
}

function checkSwap(limits: LimitSpec, now: LimitSpec): void {
  const memory = limits.memoryBytes ?? now.memoryBytes;
  const swap = limits.memorySwapBytes ?? now.memorySwapBytes;
  if (limits.memorySwapBytes === undefined && limits.memoryBytes === undefined) return;
  const limited = swap !== undefined && swap >= 0;
  if (limits.memorySwapBytes !== undefined && limited && (memory === undefined || memory < 0)) {
    throw new TsnsError("invalid", "swap-without-memory", "a memory-swap limit needs a memory limit too", {
      hint: "it counts memory and swap together: give --memory as well",
    });
  }
  if (limits.memorySwapBytes === undefined && limited && (memory === undefined || memory < 0 || memory > swap)) {
    throw new TsnsError("invalid", "memory-above-swap", `the memory limit would be above the limit of memory and swap together, ${swap}`, {
      hint: "give --memory-swap as well; max for none",
    });
  }
  if (limits.memorySwapBytes !== undefined && limited && memory !== undefined && swap < memory) {
    throw new TsnsError("invalid", "swap-below-memory", `memory-swap limit ${swap} is below the memory limit ${memory}`, {
      hint: "it counts memory and swap together: give at least as much",
    });
  }
}

/**
 * The writes that set `limits` on a group; `texts` are its files as they are now, empty for a new group.
 * Every controller of `limits` must be in `hierarchies`. Throws TsnsError invalid when values do not go together.
 */
export function planLimits(hierarchies: readonly Hierarchy[], path: string, limits: LimitSpec, texts: GroupTexts): readonly PlannedStep[] {
  const place = (controller: string): { version: "v1" | "v2"; place: Place } => {
    const hierarchy = hierarchyOf(hierarchies, controller);
    if (!hierarchy) throw new TsnsError("internal", "controller-unchecked", `no hierarchy for ${controller}`);
    return { version: hierarchy.version, place: { directory: directoryOf(hierarchy, path), texts } };
  };
  const steps: PlannedStep[] = [];
  const has = (...keys: readonly (keyof LimitSpec)[]) => keys.some((key) => limits[key] !== undefined);
  if (has("memoryBytes", "memorySwapBytes", "memoryReservationBytes")) {
    const at = place("memory");
    checkSwap(limits, parseLimits(at.version, texts));
    steps.push(...(at.version === "v1" ? legacyMemory : unifiedMemory)(at.place, limits));
  }
  if (has("cpuShares", "cpuQuotaMicros", "cpuPeriodMicros", "cpuRealtimePeriodMicros", "cpuRealtimeRuntimeMicros")) {
    const at = place("cpu");
    steps.push(...(at.version === "v1" ? legacyCpu : unifiedCpu)(at.place, limits));
  }
  if (has("cpusetCpus", "cpusetMems")) steps.push(...cpusetSteps(place("cpuset").place, limits));
  if (limits.pidsLimit !== undefined) {
    const value = limits.pidsLimit < 0 ? "max" : `${limits.pidsLimit}`;
    steps.push(write(place("pids").place, "pids.max", value, "the limit of processes and threads"));
  }
  if (limits.io) {
    const at = place("blkio");
    steps.push(...ioSteps(at.place, at.version, limits.io));
  }
  if (limits.blkioWeight !== undefined) {
    const at = place("blkio");
    steps.push(...weightSteps(at.place, at.version, limits.blkioWeight));
  }
  if (limits.devices) {
    const legacy = hierarchyOf(hierarchies, "devices");
    const unified = hierarchies.find(({ version }) => version === "v2");
    if (legacy) steps.push(...legacyDevices({ directory: directoryOf(legacy, path), texts }, limits.devices));
    else if (unified) steps.push(...unifiedDevices({ directory: directoryOf(unified, path), texts }, limits.devices));
  }
  return steps;
}
