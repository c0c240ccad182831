// The façade of the use cases: one value that knows the data root, its store and how plans are carried out.
import { type Database, openDatabase } from "../store/database.ts";

export interface Engine extends Disposable {
  /** Data root: everything tsns keeps lies below it. */
  readonly root: string;
  /** Opened at first use. */
  readonly store: Database;
}

/** Opens the engine on a data root; touches nothing yet. */
export function openEngine(root: string): Engine {
  let store: Database | undefined;
  return {
    root,
    get store() {
      store ??= openDatabase(root);
      return store;
    },
    [Symbol.dispose]() {
      store?.close();
    },
  };
}
