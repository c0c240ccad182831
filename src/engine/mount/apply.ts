// Carries out plans of mounts: when a step fails, what the others made is undone. What is mounted in this namespace outlives every
// process, so it is journalled as `mount:TARGET` before it is made: doctor sees it, and umount removes the mount points made for it.
import { type Plan, undoOf } from "../../plan/plan.ts";
import { deleteJournal, readJournal, writeJournal } from "../../store/journal.ts";
import type { Engine } from "../engine.ts";
import { withLock } from "../lock.ts";
import { carryOut, performWhole } from "../undo.ts";

/** Owner in the journal of what is mounted on a path of the host. */
export const mountPrefix = "mount:";
export const mountOwner = (target: string): string => `${mountPrefix}${target}`;

/** `journalled`: the target, for mounts of this namespace. */
export async function applyMounts(engine: Engine, plan: Plan, journalled?: string): Promise<void> {
  if (journalled === undefined) return carryOut(engine, plan);
  const owner = mountOwner(journalled);
  await withLock(engine, owner, "mount", async () => {
    const before = readJournal(engine.store, owner);
    // a second mount on the same target: both are undone, the later one first
    writeJournal(engine.store, owner, [...undoOf(plan), ...(before ?? [])]);
    await performWhole(engine, plan, {
      undone() {
        if (before) writeJournal(engine.store, owner, before);
        else deleteJournal(engine.store, owner);
      },
    });
  });
}
