// Other limits for the groups of a container that is there, and other access to devices.
import { TsnsError } from "../../base/error.ts";
import { replaceDeviceFilter } from "../../kernel/cgroup/device-filter.ts";
import { readCgroupFile } from "../../kernel/cgroup/file.ts";
import { performGroupStep } from "../../kernel/cgroup/perform.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import type { RuntimeDeviceRule, RuntimeResources } from "../../runtime/config/resource.ts";
import { type GroupNow, planDeviceUpdate, planGroupUpdate } from "../../runtime/group/update.ts";
import { readGroupFiles } from "./group-fact.ts";
import type { Runtime } from "./runtime.ts";

type Directories = Readonly<Record<string, string>>;

const numberIn = (text: string | undefined): bigint | undefined => (/^\d+$/.test(text ?? "") ? BigInt(text ?? "") : undefined);

const given = (values: Readonly<Record<string, bigint | undefined>>): Readonly<Record<string, bigint>> =>
  Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

function readNow(directories: Directories): GroupNow {
  const { unified, memory, cpu } = directories;
  const read = (directory: string | undefined, file: string) =>
    directory === undefined ? undefined : readCgroupFile(`${directory}/${file}`)?.trim();
  const numberOf = (directory: string | undefined, file: string) => numberIn(read(directory, file));
  const [cpuQuota, cpuPeriod] = (read(unified, "cpu.max") ?? "").split(" ").map(numberIn);
  return {
    legacy: given({
      swapLimit: numberOf(memory, "memory.memsw.limit_in_bytes"),
      cpuPeriod: numberOf(cpu, "cpu.cfs_period_us"),
      cpuBurst: numberOf(cpu, "cpu.cfs_burst_us"),
      realtimePeriod: numberOf(cpu, "cpu.rt_period_us"),
    }),
    unified: given({ memoryLimit: numberOf(unified, "memory.max"), cpuQuota, cpuPeriod, cpuBurst: numberOf(unified, "cpu.max.burst") }),
    files: readGroupFiles(directories),
  };
}

/**
 * `first`: is told all steps before the first of them is made. One that fails leaves those before it as they are set, as the kernel took them. Throws TsnsError, KernelError; conflict when a memory limit is
 * below what is used and that was to be checked.
 */
export function updateGroups(
  runtime: Runtime,
  directories: Directories,
  resources: RuntimeResources,
  first: (steps: readonly PlannedStep[]) => void = () => {},
): void {
  refuseSmallMemory(directories, resources);
  const { steps, warnings } = planGroupUpdate(directories, resources, readNow(directories));
  for (const warning of warnings) runtime.warn(warning);
  first(steps);
  for (const { step } of steps) performGroupStep(step);
}

/** All that may be used are these and those every container has. Throws TsnsError unsupported without a group, KernelError. */
export function updateDevices(directories: Directories, rules: readonly RuntimeDeviceRule[]): void {
  const { steps, program } = planDeviceUpdate(directories, rules);
  for (const { step } of steps) performGroupStep(step);
  if (program) replaceDeviceFilter(program.directory, program.programHex);
}

function refuseSmallMemory({ unified, memory }: Directories, { memory: wanted }: RuntimeResources): void {
  if (!wanted?.checkBeforeUpdate || wanted.limit === undefined || wanted.limit < 0n) return;
  const used = numberIn(readCgroupFile(unified === undefined ? `${memory}/memory.usage_in_bytes` : `${unified}/memory.current`)?.trim());
  if (used === undefined || used <= wanted.limit) return;
  throw new TsnsError("conflict", "memory-in-use", `memory limit ${wanted.limit} is below the ${used} bytes that are used now`, {
    hint: "give more, or leave memory.checkBeforeUpdate out",
  });
}
