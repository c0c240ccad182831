// Options that limit what a container may use, and the ResourceSpec they make.
import { availableParallelism } from "node:os";
import { parseBytes, parseBytesOrUnlimited, parseCpus } from "../../src/base/unit.ts";
import type { ResourceSpec } from "../../src/cgroup/spec.ts";
import { validateCpus, validateResources } from "../../src/cgroup/validate.ts";
import type { OptionTable, ValuesOf } from "../command.ts";
import type { Problems } from "./problem.ts";

export const resourceOptions = {
  "cpu-period": { type: "number", value: "int", describe: "Limit CPU CFS (Completely Fair Scheduler) period, in microseconds" },
  "cpu-quota": { type: "number", value: "int", describe: "Limit CPU CFS (Completely Fair Scheduler) quota, in microseconds" },
  "cpu-shares": { type: "number", short: "c", value: "int", describe: "CPU shares (relative weight)" },
  cpus: { type: "string", value: "decimal", describe: "Number of CPUs" },
  "cpuset-cpus": { type: "string", describe: "CPUs in which to allow execution (0-3, 0,1)" },
  "cpuset-mems": { type: "string", describe: "Memory nodes in which to allow execution (0-3, 0,1)" },
  memory: { type: "string", short: "m", value: "bytes", describe: "Memory limit" },
  "memory-reservation": { type: "string", value: "bytes", describe: "Memory soft limit" },
  "memory-swap": { type: "string", value: "bytes", describe: "Memory and swap together; -1 for unlimited swap" },
  "pids-limit": { type: "number", value: "int", describe: "Limit the number of processes (-1 for unlimited)" },
} as const satisfies OptionTable;

type ResourceValues = ValuesOf<typeof resourceOptions>;

/** Docker turns --cpus into a quota of this period. */
const cpusPeriodMicros = 100_000;

/** Adds what is wrong to `problems`. */
export function parseResources(problems: Problems, values: ResourceValues, privileged: boolean): ResourceSpec {
  const bytes = (name: "memory" | "memory-reservation"): number | undefined => {
    const text = values[name];
    return text === undefined ? undefined : problems.collect(() => parseBytes(text, `--${name}`), undefined);
  };
  const swap = values["memory-swap"];
  const resources: { -readonly [K in keyof ResourceSpec]: ResourceSpec[K] | undefined } = {
    memoryBytes: bytes("memory"),
    memoryReservationBytes: bytes("memory-reservation"),
    memorySwapBytes: swap === undefined ? undefined : problems.collect(() => parseBytesOrUnlimited(swap, "--memory-swap"), undefined),
    cpuShares: values["cpu-shares"],
    cpuQuotaMicros: values["cpu-quota"],
    cpuPeriodMicros: values["cpu-period"],
    cpusetCpus: values["cpuset-cpus"],
    cpusetMems: values["cpuset-mems"],
    pidsLimit: values["pids-limit"],
    devices: privileged ? "all" : "default",
  };
  // docker: zero is no limit
  if (values.cpus !== undefined && !(values.cpus !== "" && Number(values.cpus) === 0)) {
    if (values["cpu-quota"] || values["cpu-period"])
      problems.add("conflicting options: --cpus sets quota and period, so --cpu-quota and --cpu-period cannot be given with it");
    const nanoCpus = problems.collect(() => parseCpus(values.cpus ?? ""), 0);
    if (nanoCpus > 0) {
      for (const problem of validateCpus(nanoCpus / 1e9, availableParallelism())) problems.add(problem);
      resources.cpuPeriodMicros = cpusPeriodMicros;
      resources.cpuQuotaMicros = Math.round((nanoCpus / 1e9) * cpusPeriodMicros);
    }
  }
  const spec = Object.fromEntries(
    Object.entries(resources).filter(([, value]) => value !== undefined && value !== 0 && value !== ""),
  ) as unknown as ResourceSpec;
  for (const problem of validateResources(spec)) problems.add(problem);
  return spec;
}
