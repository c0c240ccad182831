// Performs undo steps: every one of them, whatever the others do, so that one stuck object does not keep the rest. What is done when a
// plan fails half-way is decided here, for all commands.
import { TsnsError } from "../base/error.ts";
import { type Plan, type PlannedStep, undoOf } from "../plan/plan.ts";
import type { Step } from "../plan/step.ts";
import { openChangeJournal } from "./change-journal.ts";
import type { Engine } from "./engine.ts";

/** Undoes in order. Throws the first failure after all were tried. */
export async function performUndo(engine: Engine, undo: readonly Step[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of undo) {
    try {
      await engine.apply({ steps: [{ step, because: "undo" }] });
    } catch (error) {
      failures.push(error);
    }
  }
  const [first] = failures;
  if (first !== undefined) throw first instanceof Error ? first : new TsnsError("internal", "undo-failed", String(first));
}

/**
 * Undoes what a failed command has made. Of what stays it is warned, because the failure itself is what the user has to know. False when
 * something stays: then the caller leaves journal and records as a kill would have, and `tsns doctor` finds it there.
 */
export async function takeBack(engine: Engine, undo: readonly Step[]): Promise<boolean> {
  try {
    await performUndo(engine, undo);
    return true;
  } catch (fault) {
    engine.warn(`not everything could be undone: ${fault instanceof Error ? fault.message : fault}`);
    return false;
  }
}

export interface Journal {
  /** Before a step is made. */
  begin?(planned: PlannedStep): void;
  /** A step failed and nothing is left of those before it. */
  undone(): void;
}

/** Makes the steps of a plan one by one. When one fails those before it are undone, last one first, and its failure is thrown. */
export async function performWhole(engine: Engine, plan: Plan, journal: Journal): Promise<void> {
  const done: PlannedStep[] = [];
  try {
    for (const planned of plan.steps) {
      journal.begin?.(planned);
      await engine.apply({ steps: [planned] });
      done.push(planned);
    }
  } catch (error) {
    if (await takeBack(engine, undoOf({ steps: done }))) journal.undone();
    throw error;
  }
}

/**
 * Shows a plan and carries it out, all of it or nothing. The journal knows its steps meanwhile: `tsns doctor` undoes them when this process
 * is killed.
 */
export async function applyWhole(engine: Engine, plan: Plan): Promise<void> {
  if (!engine.show(plan)) await carryOut(engine, plan);
}

/** As `applyWhole`, for a plan that was shown. */
export async function carryOut(engine: Engine, plan: Plan): Promise<void> {
  const journal = openChangeJournal(engine, plan);
  await performWhole(engine, plan, { begin: journal.begin, undone: journal.end });
  journal.end();
}
