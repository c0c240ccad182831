// The two steps a cgroup plan is made of, with their undo.
import type { PlannedStep } from "../plan/plan.ts";

/** A cgroup.create step, undone by its removal. */
export function creation(path: string, because: string): PlannedStep {
  return { step: { kind: "cgroup.create", path }, because, undo: { kind: "cgroup.remove", path } };
}

/** A cgroup.write step; it needs no undo, the value goes with its directory. */
export function setting(path: string, value: string, because: string): PlannedStep {
  return { step: { kind: "cgroup.write", path, value }, because };
}

/** The levels of a --cgroup-parent in one hierarchy, outermost first. They are not undone: other groups may be below them by then. */
export function parents(
  mountPoint: string,
  parent: string | undefined,
): readonly { path: string; directory: string; planned: PlannedStep }[] {
  const names = parent?.split("/") ?? [];
  return names.map((_, at) => {
    const path = names.slice(0, at + 1).join("/");
    const directory = `${mountPoint}/${path}`;
    return { path, directory, planned: { step: { kind: "cgroup.ensure", path: directory }, because: "the parent that was asked for" } };
  });
}
