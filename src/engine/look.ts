// The store for commands that only look: none is made for them, and one that is not ours to read says nothing.
import { existsSync } from "node:fs";
import { isErrno, TsnsError } from "../base/error.ts";
import type { Database } from "../store/database.ts";
import type { Engine } from "./engine.ts";

/** True when something was ever stored; false as well when that may not be seen. */
export function hasStore(engine: Pick<Engine, "root">): boolean {
  return existsSync(`${engine.root}/store.db`);
}

/** What is read of the store and of the files beside it; empty when there is none or it is not ours to read. */
export function listStored<T>(engine: Engine, read: (store: Database) => readonly T[]): readonly T[] {
  if (!hasStore(engine)) return [];
  try {
    return read(engine.store);
  } catch (error) {
    if ((error instanceof TsnsError && error.kind === "denied") || isErrno(error, "EACCES")) return [];
    throw error;
  }
}
