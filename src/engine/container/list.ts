// Containers as they are now, for every command that shows them.
import { listContainerRecords } from "../../store/container-record.ts";
import { listJournalOwners } from "../../store/journal.ts";
import type { Engine } from "../engine.ts";
import { type Observation, observeContainer } from "./observe.ts";
import { containerDirectoryNames, repairAll } from "./repair.ts";

/** All containers, newest first, after repairing what a killed command left behind. */
export async function listContainers(engine: Engine): Promise<Observation[]> {
  // Opened first: it says what is missing, privilege for instance.
  const { store } = engine;
  const directories = containerDirectoryNames(engine);
  const observed = observeAll(engine);
  const running = new Set(observed.filter(({ status }) => status === "running").map(({ record }) => record.id));
  const known = new Set(observed.map(({ record }) => record.id));
  const ended = listJournalOwners(store).filter((owner) => !owner.includes(":") && !running.has(owner));
  const orphans = directories.filter((name) => !known.has(name));
  if (ended.length === 0 && orphans.length === 0) return observed;
  await repairAll(engine, { ended, orphans });
  return observeAll(engine);
}

function observeAll(engine: Engine): Observation[] {
  return listContainerRecords(engine.store).map((record) => observeContainer(engine, record));
}
