// Containers as they are now, for every command that shows them.
import { listContainerRecords } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { type Observation, observeContainer } from "./observe.ts";
import { repairAll } from "./repair.ts";

/** All containers, newest first, after repairing what a killed command left behind. */
export async function listContainers(engine: Engine): Promise<Observation[]> {
  await repairAll(engine);
  return listContainerRecords(engine.store).map((record) => observeContainer(engine, record));
}
