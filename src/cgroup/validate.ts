// What a limit may be: docker's ranges, all problems of a spec at once.
// Knows no unit suffixes (src/base/unit.ts parses them) and no cgroup version.
import { parseCpuList } from "./cpuset.ts";
import type { ResourceSpec } from "./spec.ts";
import { isWeight } from "./weight.ts";

/** Below it no container starts, says docker. */
const minimumMemoryBytes = 6 * 1024 * 1024;

/** What a limit is measured against; a part left out is not checked. */
export interface ResourceHost {
  /** CPUs and memory nodes that exist, in list format. */
  readonly cpus?: string;
  readonly mems?: string;
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value);
}

function memoryProblems(resources: ResourceSpec): readonly string[] {
  const { memoryBytes = 0, memorySwapBytes = 0, memoryReservationBytes = 0 } = resources;
  const problems: string[] = [];
  const tooLittle = (bytes: number) => !isWhole(bytes) || (bytes !== 0 && bytes < minimumMemoryBytes);
  if (tooLittle(memoryBytes)) problems.push(`memory limit ${memoryBytes}: the minimum is 6 MB, give 6m or more`);
  if (tooLittle(memoryReservationBytes))
    problems.push(`memory reservation ${memoryReservationBytes}: the minimum is 6 MB, give 6m or more`);
  if (memoryBytes > 0 && memoryReservationBytes > memoryBytes) {
    problems.push(`memory reservation ${memoryReservationBytes} is above the memory limit ${memoryBytes}`);
  }
  if (!isWhole(memorySwapBytes) || memorySwapBytes < -1) {
    problems.push(`memory-swap limit ${memorySwapBytes}: must be a size, or -1 for no limit`);
  } else if (memorySwapBytes > 0 && memoryBytes <= 0) {
    problems.push("a memory-swap limit needs a memory limit too");
  } else if (memorySwapBytes > 0 && memorySwapBytes < memoryBytes) {
    problems.push(`memory-swap limit ${memorySwapBytes} is below the memory limit ${memoryBytes}: it counts memory and swap together`);
  }
  return problems;
}

function cpuProblems(resources: ResourceSpec): readonly string[] {
  const { cpuShares = 0, cpuPeriodMicros = 0, cpuQuotaMicros = 0 } = resources;
  const problems: string[] = [];
  if (cpuShares !== 0 && (!isWhole(cpuShares) || cpuShares < 2 || cpuShares > 262_144)) {
    problems.push(`CPU shares ${cpuShares}: must be between 2 and 262144`);
  }
  if (cpuPeriodMicros !== 0 && (!isWhole(cpuPeriodMicros) || cpuPeriodMicros < 1000 || cpuPeriodMicros > 1_000_000)) {
    problems.push(`CPU period ${cpuPeriodMicros}: must be between 1000 and 1000000 microseconds`);
  }
  if (cpuQuotaMicros !== 0 && cpuQuotaMicros !== -1 && (!isWhole(cpuQuotaMicros) || cpuQuotaMicros < 1000)) {
    problems.push(`CPU quota ${cpuQuotaMicros}: must be at least 1000 microseconds, or -1 for no limit`);
  }
  return [...problems, ...realtimeProblems(resources)];
}

function realtimeProblems({ cpuRealtimePeriodMicros: period = 0, cpuRealtimeRuntimeMicros: runtime = 0 }: ResourceSpec): readonly string[] {
  const problems: string[] = [];
  // sched_rt_period_us is an int of the kernel, 1 s unless told otherwise (sched-rt-group.rst)
  if (period !== 0 && (!isWhole(period) || period < 1 || period > 2_147_483_647))
    problems.push(`CPU real-time period ${period}: must be between 1 and 2147483647 microseconds`);
  if (runtime !== 0 && (!isWhole(runtime) || runtime < 1)) problems.push(`CPU real-time runtime ${runtime}: must be microseconds above 0`);
  else if (runtime > (period || 1_000_000))
    problems.push("cpu real-time runtime cannot be higher than cpu real-time period (--cpu-rt-runtime, --cpu-rt-period)");
  return problems;
}

function ioProblems({ blkioWeight = 0, memorySwappiness = 0 }: ResourceSpec): readonly string[] {
  return [
    ...(blkioWeight !== 0 && !isWeight(blkioWeight)
      ? [`Range of blkio weight is from 10 to 1000, not ${blkioWeight} (--blkio-weight)`]
      : []),
    ...(isWhole(memorySwappiness) && memorySwappiness >= 0 && memorySwappiness <= 100
      ? []
      : [`invalid value: ${memorySwappiness}. Valid memory swappiness range is 0-100 (--memory-swappiness)`]),
  ];
}

function listProblems(what: string, list: string | undefined, existing: string | undefined): readonly string[] {
  if (list === undefined || list === "") return [];
  const numbers = parseCpuList(list);
  if (!numbers || numbers.length === 0) return [`${what} ${JSON.stringify(list)}: not a list such as 0-2,4`];
  const available = existing === undefined ? undefined : parseCpuList(existing);
  if (!available || available.length === 0) return [];
  const absent = numbers.filter((number) => !available.includes(number));
  return absent.length === 0 ? [] : [`${what} ${list} asks for ${absent.join(",")}: this host has ${existing}`];
}

/** PID_MAX_LIMIT of 64-bit kernels (include/linux/threads.h): pids.max takes no more. */
const maximumPids = 4_194_304;

/** All problems of the limits, one line each; none means they can be planned. */
export function validateResources(resources: ResourceSpec, host: ResourceHost = {}): readonly string[] {
  const pids = resources.pidsLimit ?? 0;
  return [
    ...memoryProblems(resources),
    ...cpuProblems(resources),
    ...ioProblems(resources),
    ...listProblems("cpuset-cpus", resources.cpusetCpus, host.cpus),
    ...listProblems("cpuset-mems", resources.cpusetMems, host.mems),
    // docker takes 0 and everything below it as no limit; a typo such as -10 is refused here
    ...(!isWhole(pids) || pids < -1 || pids > maximumPids
      ? [`pids limit ${pids}: must be a number of processes up to ${maximumPids}, or -1 for no limit`]
      : []),
  ];
}

/** Problems of `--cpus`: docker allows 0.01 up to the number of CPUs. */
export function validateCpus(cpus: number, onlineCpus: number): readonly string[] {
  return Number.isFinite(cpus) && cpus >= 0.01 && cpus <= onlineCpus
    ? []
    : [`cpus ${cpus}: must be between 0.01 and ${onlineCpus}, the number of CPUs of this host`];
}
