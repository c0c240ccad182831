// A plan: ordered steps, each with its reason, its inverse and the shell command that would do the same.
// Pure data and pure functions over it; nothing here touches the kernel.
import type { Step } from "./step.ts";

export interface PlannedStep {
  readonly step: Step;
  /** Why the step is there, for --explain: one clause without a full stop. */
  readonly because: string;
  /** What undoes it if it outlives its maker (journalled before the step is made); absent when it dies by itself. */
  readonly undo?: Step;
}

export interface Plan {
  readonly steps: readonly PlannedStep[];
}

/** Joins plans in order. */
export function joinPlans(...plans: readonly Plan[]): Plan {
  return { steps: plans.flatMap((plan) => plan.steps) };
}

/** The steps that bring back what was before `plan`: the undo steps, last made first. */
export function undoOf(plan: Plan): readonly Step[] {
  return plan.steps.flatMap((planned) => (planned.undo ? [planned.undo] : [])).reverse();
}
