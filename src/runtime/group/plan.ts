// The groups of a container in every hierarchy: made, limited, and how its process gets into them. One path, the same below each root. Pure.
import { TsnsError } from "../../base/error.ts";
import { ancestorsOf, directoryOf, type Hierarchy, hierarchyOf } from "../../cgroup/hierarchy.ts";
import { joinFile } from "../../cgroup/join.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import type { RuntimeResources } from "../config/resource.ts";
import type { GroupEntry } from "../plan/place.ts";
import { legacyDeviceWrites, unifiedDeviceProgram } from "./device.ts";
import { type LegacyNow, legacySettings } from "./legacy.ts";
import type { GroupSetting, GroupSettings } from "./setting.ts";
import { type UnifiedNow, unifiedSettings } from "./unified.ts";

/** What the host has; src/engine/runtime/group.ts reads it. */
export interface GroupFacts {
  /** All that are mounted, v1 first. */
  readonly hierarchies: readonly Hierarchy[];
  /** Logical paths, from the root's first level to the group itself, that are not there in a hierarchy (by its mount point). */
  readonly missing: Readonly<Record<string, readonly string[]>>;
  /** v1: cpuset.cpus and cpuset.mems of the nearest group above that is there. */
  readonly cpuset?: { readonly cpus: string; readonly mems: string };
  /** v2: controllers that each group above hands down, by its logical path. */
  readonly handed: Readonly<Record<string, readonly string[]>>;
  readonly weightFile?: string;
}

export interface RuntimeGroups {
  readonly steps: readonly PlannedStep[];
  /** By controller or name (v1), under "unified" (v2). */
  readonly directories: Readonly<Record<string, string>>;
  readonly entry: GroupEntry;
  readonly warnings: readonly string[];
}

export interface GroupRequest {
  /** Of `groupPathOf`. */
  readonly path: string;
  readonly resources: RuntimeResources;
  /** Access to the devices every container has, after the rules of the configuration. */
  readonly withDefaultDevices: boolean;
}

/** v2 alone, or the hierarchies of v1: where there are both, controllers are on v1. */
const isUnified = (hierarchies: readonly Hierarchy[]): boolean => hierarchies.every(({ version }) => version === "v2");

/** Throws TsnsError unsupported for a limit whose controller is not there, invalid for limits that contradict each other. */
export function planRuntimeGroups(request: GroupRequest, facts: GroupFacts): RuntimeGroups {
  return isUnified(facts.hierarchies) ? planUnified(request, facts) : planLegacy(request, facts);
}

/** A level above the group stays, as others may be below it by then; the group itself goes with the container. */
function levelSteps(hierarchy: Hierarchy, path: string, { missing }: GroupFacts): PlannedStep[] {
  return (missing[hierarchy.mountPoint] ?? []).map((level) => {
    const step = { kind: "cgroup.ensure", path: directoryOf(hierarchy, level) } as const;
    return level === path
      ? { step, because: "limits and counts what the container uses", undo: { kind: "cgroup.delete", path: step.path } }
      : { step, because: "the path of the group leads through it" };
  });
}

const write = (directory: string, { file, value, because }: GroupSetting): PlannedStep => ({
  step: { kind: "cgroup.write", path: `${directory}/${file}`, value },
  because,
});

function requireControllers({ settings }: GroupSettings, hierarchies: readonly Hierarchy[]): void {
  for (const { controller, file } of settings) {
    if (hierarchyOf(hierarchies, controller) || controller === "cgroup") continue;
    throw new TsnsError(
      "unsupported",
      "cgroup-controller-missing",
      `${file} needs the cgroup controller ${controller}, which this host does not offer`,
      {
        hint: "leave the limit out, or boot a kernel that has it: tsns check cgroup",
      },
    );
  }
}

function planLegacy({ path, resources, withDefaultDevices }: GroupRequest, facts: GroupFacts): RuntimeGroups {
  const hierarchies = facts.hierarchies.filter(({ version }) => version === "v1");
  const found = legacySettings(resources, {}, facts.weightFile);
  requireControllers(found, hierarchies);
  const places = hierarchies.map((hierarchy) => ({ hierarchy, directory: directoryOf(hierarchy, path) }));
  const directories = Object.fromEntries(
    places.flatMap(({ hierarchy, directory }) => hierarchy.controllers.map((name) => [name, directory])),
  );
  const devices = hierarchyOf(hierarchies, "devices");
  const rules = devices ? legacyDeviceWrites(resources.devices, withDefaultDevices) : [];
  return {
    steps: [
      ...hierarchies.flatMap((hierarchy) => [
        ...levelSteps(hierarchy, path, facts),
        ...(hierarchy.controllers.includes("cpuset") ? cpusetSteps(hierarchy, facts) : []),
      ]),
      ...found.settings.map((setting) => write(directories[setting.controller] ?? "", setting)),
      ...rules.map(({ file, lines }) =>
        write(directories.devices ?? "", { controller: "devices", file, value: lines, because: "the devices the container may use" }),
      ),
    ],
    directories,
    entry: { joins: [...new Set(places.map(({ directory }) => joinFile("v1", directory)))] },
    warnings: found.warnings,
  };
}

/** A new cpuset of v1 has neither processors nor memory nodes, and lets nobody in before it has both (cpuset(7)). */
function cpusetSteps(hierarchy: Hierarchy, { missing, cpuset }: GroupFacts): PlannedStep[] {
  const because = "copied from above: a new cpuset is empty";
  return (missing[hierarchy.mountPoint] ?? []).flatMap((level) => {
    const directory = directoryOf(hierarchy, level);
    const file = (name: string, value: string) => write(directory, { controller: "cpuset", file: name, value, because });
    return [file("cpuset.cpus", cpuset?.cpus ?? "0"), file("cpuset.mems", cpuset?.mems ?? "0")];
  });
}

/** Counted for `events` and `update`, whether limited or not. */
const usual: readonly string[] = ["memory", "cpu", "pids", "io", "cpuset", "hugetlb"];

function planUnified({ path, resources, withDefaultDevices }: GroupRequest, facts: GroupFacts): RuntimeGroups {
  const [hierarchy] = facts.hierarchies;
  if (!hierarchy) throw new TsnsError("unsupported", "no-cgroups", "no cgroup file system is mounted on this host");
  const found = unifiedSettings(resources, {}, facts.weightFile);
  requireControllers(found, facts.hierarchies);
  const wanted = new Set(
    [...usual, ...found.settings.map(({ controller }) => controller)].filter((name) => hierarchy.controllers.includes(name)),
  );
  const directory = directoryOf(hierarchy, path);
  const levels = levelSteps(hierarchy, path, facts);
  const handing = ancestorsOf(path).flatMap((above) => {
    const lacking = [...wanted].filter((name) => !facts.handed[above]?.includes(name));
    if (lacking.length === 0) return [];
    const value = lacking.map((name) => `+${name}`).join(" ");
    const because = "each group above must hand its controllers down";
    return [
      { above, planned: write(directoryOf(hierarchy, above), { controller: "cgroup", file: "cgroup.subtree_control", value, because }) },
    ];
  });
  return {
    steps: [
      // A level is there before it hands down, and what is above it before that.
      ...handing.filter(({ above }) => !isMissing(facts, hierarchy, above)).map(({ planned }) => planned),
      ...(facts.missing[hierarchy.mountPoint] ?? []).flatMap((level, at) => [
        ...levels.slice(at, at + 1),
        ...handing.filter(({ above }) => above === level).map(({ planned }) => planned),
      ]),
      ...found.settings.map((setting) => write(directory, setting)),
    ],
    directories: { unified: directory },
    entry: {
      joins: [],
      into: directory,
      devices: { directory, programHex: unifiedDeviceProgram(resources.devices, withDefaultDevices) },
    },
    warnings: found.warnings,
  };
}

const isMissing = ({ missing }: GroupFacts, { mountPoint }: Hierarchy, path: string): boolean => (missing[mountPoint] ?? []).includes(path);

export interface GroupNow {
  readonly legacy: LegacyNow;
  readonly unified: UnifiedNow;
  readonly weightFile?: string;
}

/** What `update` writes to the groups of a container. Throws as `planRuntimeGroups`. */
export function planGroupUpdate(
  directories: Readonly<Record<string, string>>,
  resources: RuntimeResources,
  now: GroupNow,
): { readonly steps: readonly PlannedStep[]; readonly warnings: readonly string[] } {
  const { unified } = directories;
  const found =
    unified === undefined ? legacySettings(resources, now.legacy, now.weightFile) : unifiedSettings(resources, now.unified, now.weightFile);
  const steps = found.settings.map((setting) => {
    const directory = unified ?? directories[setting.controller];
    if (directory !== undefined) return write(directory, setting);
    throw new TsnsError(
      "unsupported",
      "cgroup-controller-missing",
      `${setting.file} needs the cgroup controller ${setting.controller}, which the container has no group of`,
    );
  });
  return { steps, warnings: found.warnings };
}
