// Performs undo steps: every one of them, whatever the others do, so that one stuck object does not keep the rest.
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
 * Shows a plan and carries it out, all of it or nothing: when a step fails those before it are undone, last one first. The journal knows
 * them meanwhile: `tsns doctor` undoes them when this process is killed.
 */
export async function applyWhole(engine: Engine, plan: Plan): Promise<void> {
  if (!engine.show(plan)) await carryOut(engine, plan);
}

/** As `applyWhole`, for a plan that was shown. */
export async function carryOut(engine: Engine, plan: Plan): Promise<void> {
  const journal = openChangeJournal(engine, plan);
  const done: PlannedStep[] = [];
  try {
    for (const planned of plan.steps) {
      journal.begin(planned);
      await engine.apply({ steps: [planned] });
      done.push(planned);
    }
  } catch (error) {
    await performUndo(engine, undoOf({ steps: done })).catch((fault) =>
      engine.warn(`not everything could be undone: ${fault instanceof Error ? fault.message : fault}`),
    );
    journal.end();
    throw error;
  }
  journal.end();
}
