// Steps that groups of both versions are made of. Pure.
import { TsnsError } from "../../base/error.ts";
import { directoryOf, type Hierarchy, hierarchyOf } from "../../cgroup/hierarchy.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import type { GroupSetting, GroupSettings } from "./setting.ts";

/** Logical paths, from the root's first level to the group itself, that are not there in a hierarchy (by its mount point). */
export type MissingLevels = Readonly<Record<string, readonly string[]>>;

/** A level above the group stays, as others may be below it by then; the group itself goes with the container. */
export function levelSteps(hierarchy: Hierarchy, path: string, missing: MissingLevels): PlannedStep[] {
  return (missing[hierarchy.mountPoint] ?? []).map((level) => {
    const step = { kind: "cgroup.ensure", path: directoryOf(hierarchy, level) } as const;
    return level === path
      ? { step, because: "limits and counts what the container uses", undo: { kind: "cgroup.delete", path: step.path } }
      : { step, because: "the path of the group leads through it" };
  });
}

export const write = (directory: string, { file, value, because }: Omit<GroupSetting, "controller">): PlannedStep => ({
  step: { kind: "cgroup.write", path: `${directory}/${file}`, value },
  because,
});

/** Throws TsnsError unsupported. */
export function requireControllers({ settings }: GroupSettings, hierarchies: readonly Hierarchy[]): void {
  for (const { controller, file } of settings) {
    if (hierarchyOf(hierarchies, controller) || controller === "cgroup") continue;
    throw new TsnsError(
      "unsupported",
      "cgroup-controller-missing",
      `${file} needs the cgroup controller ${controller}, which this host does not offer`,
      { hint: "leave the limit out, or boot a kernel that has it: tsns check cgroup" },
    );
  }
}
