// The cgroup of a container in the v2 hierarchy: one directory, controllers handed down by its root.
// Knows how v1 numbers translate; whether a controller may be missing was decided in plan.ts.
import type { PlannedStep } from "../plan/plan.ts";
import { defaultDevices } from "./device.ts";
import { compileDeviceFilter } from "./device-filter.ts";
import { renderIoLimit } from "./io-limit.ts";
import type { CgroupPlan, CgroupRequest } from "./plan.ts";
import type { ResourceSpec } from "./spec.ts";
import type { CgroupLayout } from "./state.ts";
import { creation, parents, setting } from "./step.ts";
import { resolveMemory } from "./swap.ts";
import { weightSteps } from "./weight-step.ts";

/** The kernel's period when only a quota is given. */
const defaultPeriodMicros = 100_000;

/**
 * cpu.shares (2 to 262144, 1024 is normal) as cpu.weight (1 to 10000, 100 is normal), the curve runc 1.3 uses:
 * a parabola over log2 through the three pairs, so that the default stays the default.
 */
export function weightOfShares(shares: number): number {
  if (shares <= 2) return 1;
  if (shares >= 262_144) return 10_000;
  const log = Math.log2(shares);
  return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34));
}

/**
 * Hands controllers down from the hierarchy's root, only those it does not hand down yet. Never undone:
 * other groups may rely on it by then, and an enabled controller without limits changes nothing.
 */
function enableSteps(root: string, wanted: readonly string[], layout: CgroupLayout): readonly PlannedStep[] {
  const missing = wanted.filter((controller) => layout.available.includes(controller) && !layout.enabled.includes(controller));
  if (missing.length === 0) return [];
  return [
    setting(
      `${root}/cgroup.subtree_control`,
      missing.map((controller) => `+${controller}`).join(" "),
      "the root must hand its controllers down",
    ),
  ];
}

/** Parents hand down what the root hands them; a word that is there already changes nothing. */
function parentSteps(root: string, parent: string | undefined, wanted: readonly string[], layout: CgroupLayout): readonly PlannedStep[] {
  const handed = wanted.filter((controller) => layout.available.includes(controller)).map((controller) => `+${controller}`);
  return parents(root, parent).flatMap(({ directory, planned }) => [
    planned,
    ...(handed.length > 0
      ? [setting(`${directory}/cgroup.subtree_control`, handed.join(" "), "a parent must hand its controllers down")]
      : []),
  ]);
}

function blockSteps(dir: string, resources: ResourceSpec, weightFile = ""): readonly PlannedStep[] {
  return [
    ...weightSteps(dir, resources, weightFile),
    ...(resources.io ?? []).map((limit) => setting(`${dir}/io.max`, renderIoLimit(limit), `what device ${limit.device} gives per second`)),
  ];
}

function memorySteps(dir: string, resources: ResourceSpec, limits: ReturnType<typeof resolveMemory>): readonly PlannedStep[] {
  const steps: PlannedStep[] = [];
  if (limits.memoryBytes) {
    steps.push(setting(`${dir}/memory.max`, `${limits.memoryBytes}`, "the memory limit"));
    // v2 limits swap by itself, not memory and swap together; a new group's is unlimited.
    if (limits.memorySwapBytes !== undefined && limits.memorySwapBytes !== -1) {
      steps.push(setting(`${dir}/memory.swap.max`, `${limits.memorySwapBytes - limits.memoryBytes}`, "the swap limit"));
    }
  }
  if (resources.memoryReservationBytes) {
    steps.push(setting(`${dir}/memory.low`, `${resources.memoryReservationBytes}`, "the memory kept under pressure"));
  }
  return steps;
}

function cpuSteps(dir: string, resources: ResourceSpec): readonly PlannedStep[] {
  const steps: PlannedStep[] = [];
  if (resources.cpuShares)
    steps.push(setting(`${dir}/cpu.weight`, `${weightOfShares(resources.cpuShares)}`, "the weight against other groups"));
  if (resources.cpuQuotaMicros || resources.cpuPeriodMicros) {
    const quota = resources.cpuQuotaMicros && resources.cpuQuotaMicros > 0 ? `${resources.cpuQuotaMicros}` : "max";
    steps.push(
      setting(`${dir}/cpu.max`, `${quota} ${resources.cpuPeriodMicros || defaultPeriodMicros}`, "the CPU time allowed per period"),
    );
  }
  if (resources.cpusetCpus) steps.push(setting(`${dir}/cpuset.cpus`, resources.cpusetCpus, "the container is pinned to these"));
  if (resources.cpusetMems) steps.push(setting(`${dir}/cpuset.mems`, resources.cpusetMems, "the container is pinned to these"));
  return steps;
}

/** Plans one directory at the root of the v2 hierarchy. */
export function planUnified(request: CgroupRequest): CgroupPlan {
  const { resources, layout, name, parent } = request;
  const root = layout.unified ?? "/sys/fs/cgroup";
  const dir = [root, ...(parent === undefined ? [] : [parent]), name].join("/");
  const wanted = ["memory", "cpu", "pids", "io", ...(resources.cpusetCpus || resources.cpusetMems ? ["cpuset"] : [])];
  const memory = resolveMemory(resources, layout.swapAccounting);
  const pidsLimit = resources.pidsLimit ?? 0;
  const steps = [
    ...enableSteps(root, wanted, layout),
    ...parentSteps(root, parent, wanted, layout),
    creation(dir, "limits and counts what the container uses"),
    ...memorySteps(dir, resources, memory),
    ...cpuSteps(dir, resources),
    ...(pidsLimit > 0 ? [setting(`${dir}/pids.max`, `${pidsLimit}`, "the limit of processes and threads")] : []),
    ...blockSteps(dir, resources, layout.weightFile),
  ];
  return {
    plan: { steps },
    joins: [],
    into: dir,
    ...(resources.devices === "default"
      ? { deviceProgramHex: compileDeviceFilter([...defaultDevices, ...(resources.deviceRules ?? [])]) }
      : {}),
    directories: { unified: dir },
    ...(layout.available.includes("memory") ? { oom: { name: "memory.events", path: `${dir}/memory.events` } } : {}),
    warnings: memory.warnings,
  };
}
