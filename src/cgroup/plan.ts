// From resource limits and the host's hierarchies to the plan of one container's cgroup: where the two versions meet.
// Knows which controllers a limit needs; how a limit is written is in plan-v1.ts and plan-v2.ts.
import { TsnsError } from "../base/error.ts";
import type { Plan } from "../plan/plan.ts";
import { ioKeys, ioOptions } from "./io-limit.ts";
import { planLegacy } from "./plan-v1.ts";
import { planUnified } from "./plan-v2.ts";
import type { ResourceSpec } from "./spec.ts";
import type { CgroupLayout } from "./state.ts";
import { validateResources } from "./validate.ts";

export interface CgroupRequest {
  /** Block devices in it as `major:minor`. */
  readonly resources: ResourceSpec;
  readonly layout: CgroupLayout;
  /** Directory name; begins with `tsns`, or it could never be removed. */
  readonly name: string;
  /** --cgroup-parent: path below the root of each hierarchy, without slashes at its ends; made where it is missing, and left. */
  readonly parent?: string;
}

export interface CgroupPlan {
  readonly plan: Plan;
  /** v1: files the container's first process joins by (native operation `cgroup-join`). */
  readonly joins: readonly string[];
  /** v2: the directory it is cloned into (native operation `cgroup-fd`). */
  readonly into?: string;
  /** v2: device filter (native operation `cgroup-devices`); on v1 the filter is part of the plan. */
  readonly deviceProgramHex?: string;
  /** Directory per controller (v1), or under "unified" (v2). */
  readonly directories: Readonly<Record<string, string>>;
  /** The file that tells after the end whether the OOM killer struck (usage.ts: readOomKills). */
  readonly oom?: { readonly name: string; readonly path: string };
  readonly warnings: readonly string[];
}

/** Controllers without which a limit of `resources` could not be kept, with docker's option that asks for it. */
export function controllersFor(resources: ResourceSpec, unified: boolean): ReadonlyMap<string, string> {
  const needs = new Map<string, string>();
  if (resources.memoryReservationBytes) needs.set("memory", "--memory-reservation");
  if (resources.memoryBytes) needs.set("memory", "--memory");
  if (resources.cpuShares) needs.set("cpu", "--cpu-shares");
  if (resources.cpuPeriodMicros) needs.set("cpu", "--cpu-period");
  if (resources.cpuQuotaMicros) needs.set("cpu", "--cpus or --cpu-quota");
  if (resources.cpusetMems) needs.set("cpuset", "--cpuset-mems");
  if (resources.cpusetCpus) needs.set("cpuset", "--cpuset-cpus");
  if (resources.pidsLimit !== undefined && resources.pidsLimit > 0) needs.set("pids", "--pids-limit");
  if (resources.memorySwappiness !== undefined) needs.set("memory", "--memory-swappiness");
  if (resources.oomKillDisable) needs.set("memory", "--oom-kill-disable");
  if (resources.cpuRealtimePeriodMicros) needs.set("cpu", "--cpu-rt-period");
  if (resources.cpuRealtimeRuntimeMicros) needs.set("cpu", "--cpu-rt-runtime");
  const blockIo = blockIoAsker(resources);
  if (blockIo !== undefined) needs.set(unified ? "io" : "blkio", blockIo);
  return needs;
}

function blockIoAsker({ blkioWeight, blkioWeightDevices = [], io = [] }: ResourceSpec): string | undefined {
  const [rate] = io;
  if (rate) return ioOptions[ioKeys.find((key) => rate[key] !== undefined) ?? "readBps"];
  if (blkioWeightDevices.length > 0) return "--blkio-weight-device";
  return blkioWeight ? "--blkio-weight" : undefined;
}

/** What only v1 has a file for, with the option that asks for it; and what needs a scheduler that knows weights. */
function requireFiles(resources: ResourceSpec, layout: CgroupLayout): void {
  const legacyOnly: readonly (readonly [boolean, string, string])[] = [
    [resources.memorySwappiness !== undefined, "--memory-swappiness", "set vm.swappiness for the whole host"],
    [
      resources.oomKillDisable ?? false,
      "--oom-kill-disable",
      "give --memory-reservation, which slows processes down before they are killed",
    ],
    [Boolean(resources.cpuRealtimePeriodMicros), "--cpu-rt-period", "leave it out: real-time processes share the host's budget"],
    [Boolean(resources.cpuRealtimeRuntimeMicros), "--cpu-rt-runtime", "leave it out: real-time processes share the host's budget"],
  ];
  const absent = layout.mode === "v2" ? legacyOnly.find(([asked]) => asked) : undefined;
  if (absent) {
    const [, option, hint] = absent;
    throw new TsnsError("unsupported", "cgroup-v1-only", `${option} needs cgroup v1: cgroup v2 has nothing like it`, { hint });
  }
  const weights = resources.blkioWeightDevices?.length ? "--blkio-weight-device" : resources.blkioWeight ? "--blkio-weight" : undefined;
  if (weights !== undefined && layout.weightFile === undefined) {
    throw new TsnsError(
      "unsupported",
      "no-io-weights",
      `${weights} would have no effect: no block device here has an I/O scheduler that knows weights`,
      {
        hint: "switch a device to one first: echo bfq > /sys/block/DEVICE/queue/scheduler",
      },
    );
  }
}

/** Throws `unsupported` for the first limit whose controller this host does not offer in the hierarchy tsns uses. */
function requireControllers(resources: ResourceSpec, layout: CgroupLayout): void {
  const offered = layout.mode === "v2" ? layout.available : Object.keys(layout.controllers);
  const needs = new Map(controllersFor(resources, layout.mode === "v2"));
  // Without it a container's root could make a node of the host's disk and open it.
  if (layout.mode !== "v2" && resources.devices === "default") needs.set("devices", "a container without --privileged");
  for (const [controller, asker] of needs) {
    if (offered.includes(controller)) continue;
    throw new TsnsError(
      "unsupported",
      "cgroup-controller-missing",
      `${asker} needs the cgroup controller ${controller}, which this host does not offer`,
      {
        hint: layout.unused.includes(controller)
          ? `the kernel has it: mount it, or take cgroup_disable=${controller} off the kernel's command line`
          : "drop the option, or boot a kernel that has it",
      },
    );
  }
}

/**
 * Plans the cgroup of one container.
 * Throws `invalid` with all problems of the limits, CPUs this host lacks among them, and `unsupported` naming the controller a limit lacks.
 */
export function planCgroup(request: CgroupRequest): CgroupPlan {
  const problems = validateResources(request.resources, request.layout.cpuset);
  if (problems.length > 0) throw new TsnsError("invalid", "resources-invalid", problems.join("; "));
  requireControllers(request.resources, request.layout);
  requireFiles(request.resources, request.layout);
  // In hybrid mode the v2 mount is ignored: a controller is in one hierarchy only, those worth having are on v1, and
  // a v2 directory beside them could limit nothing and would only have to be removed.
  return request.layout.mode === "v2" ? planUnified(request) : planLegacy(request);
}
