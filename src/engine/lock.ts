// One command at a time acts on an object: takes and gives back the store's operation rows.
import { isRunning } from "../kernel/proc/identity.ts";
import { lockedError, readHolder, releaseHolder, writeHolder } from "../store/operation-lock.ts";
import { freeingTransaction } from "../store/reserve.ts";
import type { Engine } from "./engine.ts";

/** Takes the lock; call inside a transaction. Throws conflict while another live command holds it. */
export function takeLock(engine: Engine, owner: string, operation: string, what: string): void {
  const holder = readHolder(engine.store, owner);
  if (holder && holder.pid !== engine.self.pid && isRunning(holder)) throw lockedError(what, holder);
  writeHolder(engine.store, owner, { name: operation, ...engine.self });
}

/**
 * Takes the lock in a transaction of its own; false while another live command holds it, or when `isDue`, asked in the same
 * transaction, says that there is nothing to do any more.
 */
export function tryLock(engine: Engine, owner: string, operation: string, isDue: () => boolean = () => true): boolean {
  return freeingTransaction(engine.store, engine.root, () => {
    if (isLocked(engine, owner) || !isDue()) return false;
    writeHolder(engine.store, owner, { name: operation, ...engine.self });
    return true;
  });
}

/** Whether another live command is at work on the object. */
export function isLocked(engine: Engine, owner: string): boolean {
  const holder = readHolder(engine.store, owner);
  return holder !== undefined && holder.pid !== engine.self.pid && isRunning(holder);
}

export function releaseLock(engine: Engine, owner: string): void {
  releaseHolder(engine.store, owner, engine.self.pid);
}

const waitStepMs = 3;
const waitLimitMs = 15_000;

/** Waits while another live command of that name holds the lock, at most 15 s; false unless it is free then. */
export function awaitLock(engine: Engine, owner: string, operation: string): boolean {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; isLocked(engine, owner); waited += waitStepMs) {
    if (waited >= waitLimitMs || readHolder(engine.store, owner)?.name !== operation) return false;
    Atomics.wait(cell, 0, 0, waitStepMs);
  }
  return true;
}

/** Runs `body` holding the lock, waiting for other commands first: for short work that all of them want done. */
export async function withLock<T>(engine: Engine, owner: string, operation: string, body: () => Promise<T>): Promise<T> {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; ; waited += waitStepMs) {
    const holder = engine.store.transaction(() => {
      const current = readHolder(engine.store, owner);
      if (current && current.pid !== engine.self.pid && isRunning(current)) return current;
      writeHolder(engine.store, owner, { name: operation, ...engine.self });
      return undefined;
    });
    if (!holder) break;
    if (waited >= waitLimitMs) throw lockedError(owner, holder);
    Atomics.wait(cell, 0, 0, waitStepMs);
  }
  try {
    return await body();
  } finally {
    releaseLock(engine, owner);
  }
}
