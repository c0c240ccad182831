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
