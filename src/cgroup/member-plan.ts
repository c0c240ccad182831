// Plans for what is in a group: processes that join, are frozen, ended; and the removal of groups. Pure.
import { TsnsError } from "../base/error.ts";
import type { PlannedStep } from "../plan/plan.ts";
import { choosePlaces, explainMissing } from "./group-state.ts";
import { directoryOf, type Hierarchy, hierarchyOf } from "./hierarchy.ts";
import type { ControllerState } from "./state.ts";

/** Where a process is now: path per hierarchy, for the way back. */
export interface ProcessPlace {
  readonly pid: number;
  readonly places: readonly { readonly hierarchy: Hierarchy; readonly path: string | undefined }[];
}

/** Moves processes into a group, in every hierarchy that has it, named ones left alone. */
export function planJoin(path: string, hierarchies: readonly Hierarchy[], processes: readonly ProcessPlace[]): readonly PlannedStep[] {
  return processes.flatMap(({ pid, places }) =>
    choosePlaces(hierarchies).map((hierarchy): PlannedStep => {
      const before = places.find((one) => one.hierarchy === hierarchy)?.path;
      const file = (group: string) => `${directoryOf(hierarchy, group)}/cgroup.procs`;
      return {
        step: { kind: "cgroup.join", path: file(path), pid },
        because: `process ${pid} leaves ${before ?? "its group"} for ${path}`,
        ...(before === undefined ? {} : { undo: { kind: "cgroup.join", path: file(before), pid } }),
      };
    }),
  );
}

/** v2 freezes by itself, v1 needs its freezer. Throws `unsupported`. */
export function planFreeze(
  path: string,
  hierarchies: readonly Hierarchy[],
  frozen: boolean,
  known: readonly ControllerState[],
): readonly PlannedStep[] {
  const legacy = hierarchyOf(hierarchies, "freezer");
  const hierarchy = legacy ?? hierarchies.find(({ version }) => version === "v2");
  if (!hierarchy) {
    throw new TsnsError("unsupported", "cgroup-controller-missing", `cgroup ${path} has no freezer`, {
      hint: explainMissing("freezer", known),
    });
  }
  const directory = directoryOf(hierarchy, path);
  const step = (to: boolean) => ({ kind: "cgroup.freeze", directory, version: hierarchy.version, frozen: to }) as const;
  const because = frozen ? "its processes stand still where they are" : "its processes go on";
  return [{ step: step(frozen), because, undo: step(!frozen) }];
}

export const sigkill = 9;

/** SIGKILL reaches everybody, any other signal those that are there now. */
export function planKill(path: string, hierarchies: readonly Hierarchy[], signal: number): readonly PlannedStep[] {
  const directories = hierarchies.map((hierarchy) => directoryOf(hierarchy, path));
  if (signal !== sigkill)
    return [{ step: { kind: "cgroup.signal", directories, signal }, because: `signal ${signal} to each process in it` }];
  const unified = hierarchies.find(({ version }) => version === "v2");
  const freezer = hierarchyOf(hierarchies, "freezer");
  return [
    {
      step: {
        kind: "cgroup.kill",
        directories,
        ...(unified && hierarchies.length === 1 ? { unified: directoryOf(unified, path) } : {}),
        ...(freezer ? { freezer: directoryOf(freezer, path) } : {}),
      },
      because: freezer ? "held still while they are listed, so that no fork escapes" : "the kernel misses nobody",
    },
  ];
}

/** Removal of groups, each in every hierarchy that has it; `groups` innermost first. */
export function planRemove(
  groups: readonly { readonly path: string; readonly hierarchies: readonly Hierarchy[] }[],
): readonly PlannedStep[] {
  return groups.flatMap(({ path, hierarchies }) =>
    hierarchies.map(
      (hierarchy): PlannedStep => ({
        step: { kind: "cgroup.delete", path: directoryOf(hierarchy, path) },
        because: hierarchy.version === "v2" ? "an empty group" : `an empty group of ${hierarchy.controllers.join(",")}`,
      }),
    ),
  );
}
