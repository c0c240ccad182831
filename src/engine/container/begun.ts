// A container for a command that acts on it: one that is being started has begun first. It may run, and be seen to run, a moment before the
// command that made it gives its lock back.
import type { ContainerRecord } from "../../container/record.ts";
import { findContainer, getContainer } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { awaitLock } from "../lock.ts";

/** The lock's word of a start. */
export const startOperation = "start";

/** The lock's word while a container is started again by itself. */
export const restartOperation = "restart by policy";

/** As it is after a start that is under way, its policy's too, which is waited for as long as for any short work. Throws not-found. */
export function findBegun(engine: Engine, reference: string): ContainerRecord {
  const { id } = findContainer(engine.store, reference);
  for (const operation of [startOperation, restartOperation]) awaitLock(engine, id, operation);
  return getContainer(engine.store, id) ?? findContainer(engine.store, reference);
}
