// The cgroup of a container in v1 hierarchies: one directory per controller, each limit a file of its own.
// Knows the order in which the kernel accepts them; whether a controller may be missing was decided in plan.ts.
import type { PlannedStep } from "../plan/plan.ts";
import { defaultDevices, renderDeviceRule } from "./device.ts";
import { ioKeys, ioNames } from "./io-limit.ts";
import { joinFiles } from "./join.ts";
import type { CgroupPlan, CgroupRequest } from "./plan.ts";
import { oomWarning, type ResourceSpec } from "./spec.ts";
import type { Controller } from "./state.ts";
import { creation, parents, setting } from "./step.ts";
import { resolveMemory } from "./swap.ts";
import { weightSteps } from "./weight-step.ts";

const purposes: Readonly<Partial<Record<Controller, string>>> = {
  memory: "limits and counts the container's memory",
  cpu: "shares and limits CPU time",
  cpuacct: "counts CPU time for stats",
  cpuset: "pins the container to CPUs",
  pids: "counts and limits processes",
  devices: "decides which devices can be opened",
  freezer: "pauses the container and holds still what is killed",
  blkio: "counts block I/O for stats",
};

/** Limits of a parent that is made on the way: none. */
const bare: ResourceSpec = { devices: "all" };

/** Always used where mounted: for limits, stats, pause and the device filter. cpuset costs two more writes and is taken only when asked for. */
const standard: readonly Controller[] = ["memory", "cpu", "cpuacct", "pids", "devices", "freezer", "blkio"];

function memorySteps(dir: string, resources: ResourceSpec, limits: ReturnType<typeof resolveMemory>): readonly PlannedStep[] {
  const steps: PlannedStep[] = [];
  if (limits.memoryBytes) steps.push(setting(`${dir}/memory.limit_in_bytes`, `${limits.memoryBytes}`, "the memory limit"));
  // After the memory limit: the kernel keeps limit_in_bytes <= memsw.limit_in_bytes (cgroup-v1/memory.rst), and a new group's is unlimited.
  if (limits.memorySwapBytes !== undefined && limits.memorySwapBytes !== -1) {
    steps.push(setting(`${dir}/memory.memsw.limit_in_bytes`, `${limits.memorySwapBytes}`, "the limit of memory and swap together"));
  }
  if (resources.memoryReservationBytes) {
    steps.push(
      setting(`${dir}/memory.soft_limit_in_bytes`, `${resources.memoryReservationBytes}`, "the memory to shrink to under pressure"),
    );
  }
  if (resources.memorySwappiness !== undefined)
    steps.push(setting(`${dir}/memory.swappiness`, `${resources.memorySwappiness}`, "how readily its memory is swapped out"));
  if (resources.oomKillDisable) steps.push(setting(`${dir}/memory.oom_control`, "1", "out of memory its processes wait"));
  return steps;
}

function cpuSteps(dir: string, resources: ResourceSpec): readonly PlannedStep[] {
  const steps: PlannedStep[] = [];
  if (resources.cpuShares) steps.push(setting(`${dir}/cpu.shares`, `${resources.cpuShares}`, "the weight against other groups"));
  // The period first: a quota is checked against it.
  if (resources.cpuPeriodMicros) {
    steps.push(setting(`${dir}/cpu.cfs_period_us`, `${resources.cpuPeriodMicros}`, "the period a CPU quota refers to"));
  }
  if (resources.cpuQuotaMicros) {
    steps.push(setting(`${dir}/cpu.cfs_quota_us`, `${resources.cpuQuotaMicros}`, "the CPU time allowed per period"));
  }
  if (resources.cpuRealtimePeriodMicros) {
    steps.push(setting(`${dir}/cpu.rt_period_us`, `${resources.cpuRealtimePeriodMicros}`, "the period of real-time processes"));
  }
  if (resources.cpuRealtimeRuntimeMicros) {
    steps.push(setting(`${dir}/cpu.rt_runtime_us`, `${resources.cpuRealtimeRuntimeMicros}`, "the time of real-time processes per period"));
  }
  return steps;
}

/** A new v1 cpuset has neither CPUs nor memory nodes, and no process may join before it has both (cpuset(7)). */
function cpusetSteps(dir: string, request: CgroupRequest): readonly PlannedStep[] {
  const { resources, layout } = request;
  const own = "the container is pinned to these";
  const inherited = "copied from the parent: a new cpuset is empty and lets nobody in";
  return [
    setting(`${dir}/cpuset.cpus`, resources.cpusetCpus || (layout.cpuset?.cpus ?? "0"), resources.cpusetCpus ? own : inherited),
    setting(`${dir}/cpuset.mems`, resources.cpusetMems || (layout.cpuset?.mems ?? "0"), resources.cpusetMems ? own : inherited),
  ];
}

/** Two files whatever the number of rules: each line of the value is a write(2) of its own, the kernel takes one rule per write. */
function deviceSteps(dir: string, { deviceRules = [] }: ResourceSpec): readonly PlannedStep[] {
  return [
    setting(`${dir}/devices.deny`, "a", "no device can be opened but those allowed next"),
    setting(`${dir}/devices.allow`, defaultDevices.map(renderDeviceRule).join("\n"), "the devices every container may use"),
    ...(deviceRules.length > 0
      ? [setting(`${dir}/devices.allow`, deviceRules.map(renderDeviceRule).join("\n"), "the devices this container may use as well")]
      : []),
  ];
}

function blockSteps(dir: string, resources: ResourceSpec, weightFile = ""): readonly PlannedStep[] {
  return [
    ...weightSteps(dir, resources, weightFile),
    ...(resources.io ?? []).flatMap((limit) =>
      ioKeys.flatMap((key) => {
        const value = limit[key];
        const path = `${dir}/${ioNames[key].legacy}`;
        return value === undefined
          ? []
          : [setting(path, `${limit.device} ${Math.max(value, 0)}`, `what device ${limit.device} gives per second`)];
      }),
    ),
  ];
}

/** Plans one directory per v1 hierarchy; controllers mounted together share one. */
export function planLegacy(request: CgroupRequest): CgroupPlan {
  const { resources, layout, name, parent } = request;
  const wanted = resources.cpusetCpus || resources.cpusetMems ? [...standard, "cpuset" as const] : standard;
  const directories: Record<string, string> = {};
  const steps: PlannedStep[] = [];
  for (const controller of wanted) {
    const mountPoint = layout.controllers[controller];
    if (mountPoint === undefined) continue;
    const dir = [mountPoint, ...(parent === undefined ? [] : [parent]), name].join("/");
    if (!Object.values(directories).includes(dir)) {
      for (const made of parents(mountPoint, parent)) {
        steps.push(made.planned);
        // the kernel's own rule for a new cpuset holds for a new parent too
        if (controller === "cpuset" && layout.missingParents?.includes(made.path))
          steps.push(...cpusetSteps(made.directory, { ...request, resources: bare }));
      }
      steps.push(creation(dir, purposes[controller] ?? controller));
    }
    directories[controller] = dir;
  }
  const memory = resolveMemory(resources, layout.swapAccounting);
  if (directories.memory) steps.push(...memorySteps(directories.memory, resources, memory));
  if (directories.cpu) steps.push(...cpuSteps(directories.cpu, resources));
  if (directories.cpuset) steps.push(...cpusetSteps(directories.cpuset, request));
  if (directories.pids && resources.pidsLimit !== undefined && resources.pidsLimit > 0) {
    steps.push(setting(`${directories.pids}/pids.max`, `${resources.pidsLimit}`, "the limit of processes and threads"));
  }
  if (directories.devices && resources.devices === "default") steps.push(...deviceSteps(directories.devices, resources));
  if (directories.blkio) steps.push(...blockSteps(directories.blkio, resources, layout.weightFile));
  return {
    plan: { steps },
    joins: joinFiles(directories),
    directories,
    ...(directories.memory ? { oom: { name: "memory.oom_control", path: `${directories.memory}/memory.oom_control` } } : {}),
    warnings: [...memory.warnings, ...oomWarning(resources)],
  };
}
