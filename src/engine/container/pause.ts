// Use cases: a container's processes stand still, and go on. By the freezer of its cgroup, which they do not notice.
import { TsnsError } from "../../base/error.ts";
import type { ContainerRecord } from "../../container/record.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import type { CgroupFreeze } from "../../plan/step/cgroup.ts";
import { freeingTransaction, freeingWrite } from "../../store/reserve.ts";
import type { Engine } from "../engine.ts";
import { releaseLock, takeLock } from "../lock.ts";
import { applyWhole } from "../undo.ts";
import { findBegun } from "./begun.ts";
import { recordContainerEvent } from "./event.ts";
import { observeContainer } from "./observe.ts";
import { requireRunning } from "./refusal.ts";

/** The freezer's step for the cgroup of the last run; undefined where that cgroup has no freezer. */
export function freezeStep(record: ContainerRecord, frozen: boolean): CgroupFreeze | undefined {
  const { unified, freezer } = record.run?.cgroups ?? {};
  const directory = unified ?? freezer;
  return directory === undefined ? undefined : { kind: "cgroup.freeze", directory, version: unified === undefined ? "v1" : "v2", frozen };
}

/** Its processes go on, if they stand still: what ends them or asks them to end would not be noticed. */
export function thawSteps(record: ContainerRecord, paused: boolean): PlannedStep[] {
  const step = paused ? freezeStep(record, false) : undefined;
  return step ? [{ step, because: "a frozen process takes no signal" }] : [];
}

/** Throws not-found, conflict unless it runs and is not paused, unsupported without a freezer. */
export function pauseContainer(engine: Engine, reference: string): Promise<void> {
  return setPaused(engine, reference, true);
}

/** Throws not-found, conflict unless it is paused. */
export function unpauseContainer(engine: Engine, reference: string): Promise<void> {
  return setPaused(engine, reference, false);
}

async function setPaused(engine: Engine, reference: string, frozen: boolean): Promise<void> {
  const record = findBegun(engine, reference);
  const check = () => requireState(engine, record, frozen);
  check();
  const step = requireFreezer(record, frozen);
  const because = frozen ? "its processes stand still where they are" : "its processes go on";
  const plan = { steps: [{ step, because, undo: { ...step, frozen: !frozen } }] };
  if (engine.mode.dryRun) return void engine.show(plan);
  freeingTransaction(engine.store, engine.root, () => {
    takeLock(engine, record.id, frozen ? "pause" : "unpause", `container ${record.name}`);
    check();
  });
  try {
    await applyWhole(engine, plan);
  } finally {
    freeingWrite(engine.root, () => releaseLock(engine, record.id));
  }
  recordContainerEvent(engine, record, frozen ? "pause" : "unpause");
}

function requireState(engine: Engine, record: ContainerRecord, frozen: boolean): void {
  const observed = observeContainer(engine, record);
  if (frozen || observed.status === "restarting") requireRunning(observed);
  if (observed.paused === frozen) {
    throw new TsnsError(
      "conflict",
      frozen ? "already-paused" : "not-paused",
      `Container ${record.name} is ${frozen ? "already" : "not"} paused`,
      {
        hint: "tsns ps -a shows the state of each",
      },
    );
  }
}

function requireFreezer(record: ContainerRecord, frozen: boolean): CgroupFreeze {
  const step = freezeStep(record, frozen);
  if (step) return step;
  throw new TsnsError("unsupported", "cgroup-controller-missing", `the cgroup of container ${record.name} has no freezer`, {
    hint: "tsns check says which cgroup controllers are there",
  });
}
