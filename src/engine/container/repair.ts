// Finds runs that ended without clean-up (a killed tsns or monitor, a reboot) and cleans them up.
import type { ContainerRecord } from "../../container/record.ts";
import { isRunning } from "../../kernel/proc/identity.ts";
import { getContainer } from "../../store/container-record.ts";
import { listJournalOwners, readJournal } from "../../store/journal.ts";
import type { Engine } from "../engine.ts";
import { isLocked, tryLock } from "../lock.ts";
import { cleanUp } from "./cleanup.ts";
import { observeContainer } from "./observe.ts";

/** True when the container has a journal, does not run, and nobody alive is to clean it up. */
function needsRepair(engine: Engine, record: ContainerRecord): boolean {
  const observed = observeContainer(engine, record);
  if (observed.status === "running" || isLocked(engine, record.id)) return false;
  const { monitor } = observed;
  // A living monitor waits for its owner and then calls `cleanup` by itself.
  return !(monitor && isRunning({ pid: monitor.monitorPid, startTime: monitor.monitorStart }));
}

/** Cleans up one container if its last run was left behind. */
export async function repairContainer(engine: Engine, id: string): Promise<void> {
  if (!readJournal(engine.store, id)) return;
  const record = getContainer(engine.store, id);
  if (!record || !needsRepair(engine, record)) return;
  if (tryLock(engine, id, "clean up")) await cleanUp(engine, id);
}

/** Repairs whatever needs it; called by the commands that list or remove. Needs root for anything to do. */
export async function repairAll(engine: Engine): Promise<void> {
  for (const owner of listJournalOwners(engine.store)) {
    if (!owner.includes(":")) await repairContainer(engine, owner);
  }
}
