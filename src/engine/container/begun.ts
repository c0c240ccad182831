// A container for a command that acts on it: one that is being started has begun first. It may run, and be seen to run, a moment before the
// command that made it gives its lock back.
import type { ContainerRecord } from "../../container/record.ts";
import { findContainer, getContainer } from "../../store/container-record.ts";
import { lockedError, readHolder } from "../../store/operation-lock.ts";
import type { Engine } from "../engine.ts";
import { awaitLock, isLocked } from "../lock.ts";

/** The lock's word of a start. */
export const startOperation = "start";

/** The lock's word while a container is started again by itself. */
export const restartOperation = "restart by policy";

const starts: readonly string[] = [startOperation, restartOperation];

/** As it is after a start that is under way, its policy's too, which is waited for as long as for any short work. Throws not-found. */
export function findBegun(engine: Engine, reference: string): ContainerRecord {
  const { id } = findContainer(engine.store, reference);
  for (const operation of starts) awaitLock(engine, id, operation);
  return getContainer(engine.store, id) ?? findContainer(engine.store, reference);
}

/**
 * As `findBegun`, for who enters it or looks into it: its process 1 runs already while its namespaces still show the host's files, which it leaves
 * last. Throws conflict when the start takes longer than is waited for.
 */
export function findEntered(engine: Engine, reference: string): ContainerRecord {
  const record = findBegun(engine, reference);
  const holder = readHolder(engine.store, record.id);
  if (holder && starts.includes(holder.name) && isLocked(engine, record.id)) throw lockedError(`container ${record.name}`, holder);
  return record;
}
