// The control groups of a container: its own with their limits, and those that it is enclosed by where it could mount a hierarchy.
// Reads what this host has, plans, changes nothing.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { DeviceRule } from "../../cgroup/device.ts";
import { type Enclosure, planEnclosure } from "../../cgroup/enclosure.ts";
import { type CgroupPlan, planCgroup } from "../../cgroup/plan.ts";
import type { ResourceSpec } from "../../cgroup/spec.ts";
import type { CgroupLayout, Controller } from "../../cgroup/state.ts";
import { boundingCapabilities } from "../../container/oci/process.ts";
import type { ContainerRecord } from "../../container/record.ts";
import type { SandboxInput } from "../../container/sandbox.ts";
import type { CgroupMounts } from "../../container/sandbox-mount.ts";
import { readCgroupLayout, readCpuset } from "../../kernel/cgroup/layout.ts";
import { readHierarchies } from "../../kernel/cgroup/observe.ts";
import { parseCgroupMemberships } from "../../namespace/cgroup-owner.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import { resolveResources } from "./host-device.ts";
import { readBoundingSet } from "./host-fact.ts";

type Named = Pick<ContainerRecord, "id" | "spec">;

const groupName = ({ id }: Named): string => `tsns-${id}`;

/** Its group below each hierarchy's root, as the OCI configuration has it. */
export function groupPath(record: Named): string {
  const { cgroupParent } = record.spec;
  return cgroupParent ? `${cgroupParent}/${groupName(record)}` : groupName(record);
}

interface OwnGroups {
  readonly planned: CgroupPlan;
  readonly layout: CgroupLayout;
}

/** Groups of its own with the limits of `resources`, and access to what `deviceRules` name besides. */
export function planOwnGroups(record: Named, resources: ResourceSpec, deviceRules: readonly DeviceRule[] = []): OwnGroups {
  const parent = record.spec.cgroupParent;
  const layout = readCgroupLayout(resources, parent);
  const resolved = resolveResources(resources, deviceRules);
  return { planned: planCgroup({ resources: resolved, layout, name: groupName(record), ...(parent ? { parent } : {}) }), layout };
}

export interface ContainerGroups {
  readonly steps: readonly PlannedStep[];
  readonly warnings: readonly string[];
  /** By controller (v1), or under "unified" (v2); of an enclosing one by its hierarchy's first controller. */
  readonly directories: Readonly<Record<string, string>>;
  readonly oom: CgroupPlan["oom"];
  /** How process 1 gets into them, and what it sees of them. */
  readonly cgroup: SandboxInput["cgroup"];
  readonly cgroupMounts: CgroupMounts;
}

/** All groups of a start. Throws TsnsError for limits this host cannot keep. */
export function planGroups(record: Named, deviceRules: readonly DeviceRule[]): ContainerGroups {
  const { spec } = record;
  const { planned, layout } = planOwnGroups(record, spec.resources, deviceRules);
  const { into, deviceProgramHex, directories } = planned;
  const enclosure = enclosureOf(record, directories, layout);
  return {
    steps: [...planned.plan.steps, ...(enclosure?.steps ?? [])],
    warnings: [...planned.warnings, ...(enclosure?.warnings ?? [])],
    directories: { ...directories, ...enclosure?.directories },
    oom: planned.oom,
    cgroup: {
      joins: [...planned.joins, ...(enclosure?.joins ?? [])],
      ...(into ? { into } : {}),
      ...(into && deviceProgramHex ? { devices: { directory: into, programHex: deviceProgramHex } } : {}),
    },
    cgroupMounts: cgroupView(directories, layout.controllers, spec.cgroupNamespace === "host"),
  };
}

/**
 * Groups in every hierarchy for a container that can mount them, with CAP_SYS_ADMIN or in a user namespace that no filter keeps it from
 * making; undefined for others, and for a privileged one, which has the host anyway. Another OCI runtime makes one in each whoever the
 * container is: what is there already, and known, does not outlive a runtime that is killed.
 */
function enclosureOf(record: Named, directories: Readonly<Record<string, string>>, layout: CgroupLayout): Enclosure | undefined {
  const { spec } = record;
  if (layout.mode === "v2") return undefined;
  const isAdmin = !spec.privileged && boundingCapabilities(spec, readBoundingSet()).includes("CAP_SYS_ADMIN");
  const isOutside = spec.privileged || (spec.seccomp === undefined && !isAdmin);
  if (isOutside && spec.runtime === undefined) return undefined;
  const memberships = isAdmin ? parseCgroupMemberships(readFileSync("/proc/self/cgroup", "utf8")) : [];
  const known = memberships.flatMap(({ controllers }) => controllers.slice(0, 1));
  return planEnclosure({ hierarchies: readHierarchies(), known, directories, cpuset: readCpuset(layout), name: groupName(record) });
}

/** Inside, each v1 hierarchy is mounted under the name it has outside. `own`: only the container's directory of it, as docker has it. */
function cgroupView(directories: Readonly<Record<string, string>>, mountPoints: CgroupLayout["controllers"], own: boolean): CgroupMounts {
  if (directories.unified) return { version: 2 };
  const hierarchies = new Map<string, { controllers: string[]; source: string }>();
  for (const [controller, source] of Object.entries(directories)) {
    const name = basename(mountPoints[controller as Controller] ?? controller);
    hierarchies.set(name, { controllers: [...(hierarchies.get(name)?.controllers ?? []), controller], source });
  }
  const mounts = [...hierarchies].map(([name, { controllers, source }]) => ({
    name,
    options: controllers.join(","),
    ...(own ? { source } : {}),
  }));
  return { version: 1, hierarchies: mounts };
}
