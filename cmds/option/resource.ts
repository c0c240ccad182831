// Options that limit what a container may use, and the ResourceSpec they make.
import { availableParallelism } from "node:os";
import { TsnsError } from "../../src/base/error.ts";
import { parseBytes, parseBytesOrUnlimited, parseCpus } from "../../src/base/unit.ts";
import { parseDeviceRule } from "../../src/cgroup/device-list.ts";
import { type IoKey, joinIoLimits, parseDeviceRate } from "../../src/cgroup/io-limit.ts";
import type { ResourceSpec } from "../../src/cgroup/spec.ts";
import { validateCpus, validateResources } from "../../src/cgroup/validate.ts";
import { parseDeviceWeight } from "../../src/cgroup/weight.ts";
import type { OptionTable, ValuesOf } from "../command.ts";
import { deviceRateOptions, deviceRates } from "./device-rate.ts";
import type { Problems } from "./problem.ts";

/** What a running container can be given as well: docker's `update`. */
export const updateResourceOptions = {
  "blkio-weight": { type: "number", value: "uint16", describe: "Block IO (relative weight), between 10 and 1000, or 0 to disable" },
  "cpu-period": { type: "number", value: "int", describe: "Limit CPU CFS (Completely Fair Scheduler) period, in microseconds" },
  "cpu-quota": { type: "number", value: "int", describe: "Limit CPU CFS (Completely Fair Scheduler) quota, in microseconds" },
  "cpu-rt-period": { type: "number", value: "int", describe: "Limit the CPU real-time period in microseconds" },
  "cpu-rt-runtime": { type: "number", value: "int", describe: "Limit the CPU real-time runtime in microseconds" },
  "cpu-shares": { type: "number", short: "c", value: "int", describe: "CPU shares (relative weight)" },
  cpus: { type: "string", value: "decimal", describe: "Number of CPUs" },
  "cpuset-cpus": { type: "string", describe: "CPUs in which to allow execution (0-3, 0,1)" },
  "cpuset-mems": { type: "string", describe: "Memory nodes in which to allow execution (0-3, 0,1)" },
  "kernel-memory": {
    type: "string",
    value: "bytes",
    describe: "Kernel memory limit: no kernel keeps one, so only 0 is taken",
    hidden: true,
  },
  memory: { type: "string", short: "m", value: "bytes", describe: "Memory limit" },
  "memory-reservation": { type: "string", value: "bytes", describe: "Memory soft limit" },
  "memory-swap": { type: "string", value: "bytes", describe: "Memory and swap together; -1 for unlimited swap" },
  "pids-limit": { type: "number", value: "int", describe: "Limit the number of processes (-1 for unlimited)" },
} as const satisfies OptionTable;

export const resourceOptions = {
  ...updateResourceOptions,
  "blkio-weight-device": { type: "list", value: "device:weight", describe: "Block IO weight of a device (relative)" },
  "device-cgroup-rule": { type: "list", describe: "Allow more devices: 'c 42:* rmw' (type, major:minor, read write mknod)" },
  ...deviceRateOptions,
  "memory-swappiness": { type: "number", value: "int", describe: "How readily memory is swapped out, 0 to 100; -1 as the host has it" },
  "oom-kill-disable": { type: "boolean", describe: "Let processes wait instead of killing one when memory is short" },
} as const satisfies OptionTable;

type UpdateValues = ValuesOf<typeof updateResourceOptions>;
type ResourceValues = ValuesOf<typeof resourceOptions>;
type Draft = { -readonly [K in keyof ResourceSpec]?: ResourceSpec[K] | undefined };

export type ChangeableResources = Omit<ResourceSpec, "devices">;

/** Docker turns --cpus into a quota of this period. */
const cpusPeriodMicros = 100_000;

/** The limits of `run` and `create`. Adds what is wrong to `problems`. */
export function parseResources(problems: Problems, values: ResourceValues, privileged: boolean): ResourceSpec {
  const all = <T>(list: readonly string[] | undefined, parse: (text: string) => T): T[] =>
    (list ?? []).flatMap((text) => problems.collect<T[]>(() => [parse(text)], []));
  const swappiness = values["memory-swappiness"];
  const limits = (Object.keys(deviceRates) as (keyof typeof deviceRates)[]).flatMap((option) =>
    all(values[option], (text) => parseLimit(deviceRates[option], text, `--${option}`)),
  );
  const weights = all(values["blkio-weight-device"], parseDeviceWeight);
  const rules = all(values["device-cgroup-rule"], parseRule).flat();
  const spec = {
    ...parseResourceUpdate(problems, values),
    // docker: -1 is the host's own
    ...(swappiness === undefined || swappiness === -1 ? {} : { memorySwappiness: swappiness }),
    ...(values["oom-kill-disable"] ? { oomKillDisable: true } : {}),
    ...(limits.length > 0 ? { io: joinIoLimits(limits) } : {}),
    ...(weights.length > 0 ? { blkioWeightDevices: weights } : {}),
    ...(rules.length > 0 ? { deviceRules: rules } : {}),
    devices: privileged ? "all" : "default",
  } satisfies ResourceSpec;
  const { blkioWeight, memorySwappiness, ...rest } = spec;
  // docker's client looks at these two, its engine at the rest
  const clients = {
    ...(blkioWeight === undefined ? {} : { blkioWeight }),
    ...(memorySwappiness === undefined ? {} : { memorySwappiness }),
  };
  for (const problem of validateResources({ ...clients, devices: "default" })) problems.add(problem);
  for (const problem of validateResources(rest)) problems.refuse(problem);
  return spec;
}

/**
 * The limits of `update`: only those that were given, 0 being none as in docker. They go over the container's own in its record
 * (`{...spec.resources, ...changed}`), which planCgroup of src/cgroup/plan.ts looks at and turns into writes. Adds what is wrong to `problems`.
 */
export function parseResourceUpdate(problems: Problems, values: UpdateValues): ChangeableResources {
  const bytes = (name: "memory" | "memory-reservation"): number | undefined => {
    const text = values[name];
    return text === undefined ? undefined : problems.collect(() => parseBytes(text, `--${name}`), undefined);
  };
  const swap = values["memory-swap"];
  refuseKernelMemory(problems, values["kernel-memory"]);
  return withoutNone({
    memoryBytes: bytes("memory"),
    memoryReservationBytes: bytes("memory-reservation"),
    memorySwapBytes: swap === undefined ? undefined : problems.collect(() => parseBytesOrUnlimited(swap, "--memory-swap"), undefined),
    cpuShares: values["cpu-shares"],
    cpuQuotaMicros: values["cpu-quota"],
    cpuPeriodMicros: values["cpu-period"],
    cpuRealtimePeriodMicros: values["cpu-rt-period"],
    cpuRealtimeRuntimeMicros: values["cpu-rt-runtime"],
    cpusetCpus: values["cpuset-cpus"],
    cpusetMems: values["cpuset-mems"],
    pidsLimit: values["pids-limit"],
    blkioWeight: values["blkio-weight"],
    ...parseCpuCount(problems, values),
  });
}

function withoutNone(draft: Draft): ChangeableResources {
  return Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined && value !== 0 && value !== ""));
}

function parseCpuCount(problems: Problems, values: UpdateValues): Draft {
  const { cpus } = values;
  // docker: zero is no limit
  if (cpus === undefined || (cpus !== "" && Number(cpus) === 0)) return {};
  if (values["cpu-quota"] || values["cpu-period"])
    problems.refuse("conflicting options: --cpus sets quota and period, so --cpu-quota and --cpu-period cannot be given with it");
  const nanoCpus = problems.collect(() => parseCpus(cpus), 0);
  if (nanoCpus <= 0) return {};
  const faults = validateCpus(nanoCpus / 1e9, availableParallelism());
  for (const problem of faults) problems.refuse(problem);
  // one problem, one line: the quota that follows from it is not looked at
  if (faults.length > 0) return {};
  return { nanoCpus, cpuPeriodMicros: cpusPeriodMicros, cpuQuotaMicros: Math.round((nanoCpus / 1e9) * cpusPeriodMicros) };
}

/** memory.kmem.limit_in_bytes takes the write and keeps no limit since Linux 5.16; v2 never had one. */
function refuseKernelMemory(problems: Problems, text: string | undefined): void {
  if (text === undefined || problems.collect(() => parseBytes(text, "--kernel-memory"), 0) === 0) return;
  problems.refuse("--kernel-memory: the kernel does not keep a limit of its own for kernel memory", "--memory counts kernel memory too");
}

/** A rate of a new container: no limit is what it has without the option. */
function parseLimit(key: IoKey, text: string, what: string) {
  const limit = parseDeviceRate(key, text, what);
  if ((limit[key] ?? 0) > 0) return limit;
  throw new TsnsError("invalid", "bad-io-limit", `invalid ${what} "${text}"`, {
    hint: "give a number above 0; without the option there is no limit",
  });
}

function parseRule(text: string) {
  const rules = parseDeviceRule(text);
  if (rules) return rules;
  throw new TsnsError("invalid", "bad-device-rule", `invalid device cgroup format '${text}'`, {
    hint: "write --device-cgroup-rule 'c 42:* rwm': type a, b or c, major:minor, what of read, write and mknod",
  });
}
