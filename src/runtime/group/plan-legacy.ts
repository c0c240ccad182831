// The groups of a container in the hierarchies of v1, and on a hybrid host one in that of v2 too: it limits nothing there, but who mounts it or asks
// it for members finds the container's own. Pure.
import { directoryOf, type Hierarchy, hierarchyOf } from "../../cgroup/hierarchy.ts";
import { joinFile } from "../../cgroup/join.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import { legacyDeviceWrites } from "./device.ts";
import { legacySettings } from "./legacy.ts";
import type { CpusetFile, GroupFacts, GroupRequest, RuntimeGroups } from "./plan.ts";
import { levelSteps, requireControllers, write } from "./step.ts";

export function planLegacy({ path, resources, controlsDevices }: GroupRequest, facts: GroupFacts): RuntimeGroups {
  const { hierarchies, missing } = facts;
  const legacy = hierarchies.filter(({ version }) => version === "v1");
  const found = legacySettings(resources, {});
  requireControllers(found, legacy);
  const directories = Object.fromEntries(
    hierarchies.flatMap((hierarchy) => namesOf(hierarchy).map((name) => [name, directoryOf(hierarchy, path)])),
  );
  const rules = controlsDevices && hierarchyOf(legacy, "devices") ? legacyDeviceWrites(resources.devices) : [];
  return {
    levels: hierarchies.flatMap((hierarchy) => [
      ...levelSteps(hierarchy, path, missing),
      ...(hierarchy.controllers.includes("cpuset") && hierarchy.version === "v1" ? cpusetSteps(hierarchy, facts) : []),
    ]),
    limits: (files) => [
      ...legacySettings(resources, {}, files).settings.map((setting) => write(directories[setting.controller] ?? "", setting)),
      ...rules.map(({ file, lines }) =>
        write(directories.devices ?? "", { file, value: lines, because: "the devices the container may use" }),
      ),
    ],
    directories,
    entry: { joins: [...new Set(hierarchies.map((hierarchy) => joinFile(hierarchy.version, directoryOf(hierarchy, path))))] },
    warnings: found.warnings,
  };
}

const namesOf = ({ version, controllers }: Hierarchy): readonly string[] => (version === "v2" ? ["v2"] : controllers);

/** A new cpuset of v1 has neither processors nor memory nodes, and lets nobody in before it has both (cpuset(7)), as all above it must. */
function cpusetSteps(hierarchy: Hierarchy, { missing, cpuset, emptyCpusets = {} }: GroupFacts): PlannedStep[] {
  const fill = (level: string, names: readonly CpusetFile[], because: string) =>
    names.map((name) => write(directoryOf(hierarchy, level), { file: `cpuset.${name}`, value: cpuset?.[name] ?? "0", because }));
  return [
    ...Object.entries(emptyCpusets).flatMap(([level, names]) => fill(level, names, "copied from above: nobody may be in an empty cpuset")),
    ...(missing[hierarchy.mountPoint] ?? []).flatMap((level) => fill(level, ["cpus", "mems"], "copied from above: a new cpuset is empty")),
  ];
}
