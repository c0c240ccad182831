// Some space of the data root's file system kept aside: on a full disk it is given up so that what frees space (stop, rm)
// can still write the store. Knows nothing of what is written into it.
import { statSync, unlinkSync, writeFileSync } from "node:fs";
import { isErrno, TsnsError } from "../base/error.ts";
import { type Database, logPages, openDatabase, pageBytes } from "./database.ts";

/** Pages that the transactions of a stop and a removal append to the write-ahead log: 24 were counted. */
const removalPages = 28;

/** When the log is full the store takes it in, and grows by its pages before the log goes: a young store has everything in its log. */
const reserveBytes = (logPages + removalPages) * pageBytes;

const pathOf = (root: string): string => `${root}/reserve`;

/** Makes the reserve unless it is there; a disk that has no room for it has none. */
export function keepReserve(root: string): void {
  if (statSync(pathOf(root), { throwIfNoEntry: false })) return;
  try {
    writeFileSync(pathOf(root), Buffer.alloc(reserveBytes), { mode: 0o600 });
  } catch (error) {
    if (!isErrno(error, "ENOSPC", "EDQUOT")) throw error;
    releaseReserve(root);
  }
}

/** Gives the space back; false if there was none. */
function releaseReserve(root: string): boolean {
  try {
    unlinkSync(pathOf(root));
    return true;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}

/** Runs `body`, once more with the reserve given up if the disk is full. */
function withReserve<T>(root: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof TsnsError && error.code === "disk-full") || !releaseReserve(root)) throw error;
    return body();
  }
}

/** A transaction of a command that frees space: on a full disk it may use the reserve. */
export function freeingTransaction<T>(store: Database, root: string, body: () => T): T {
  return withReserve(root, () => store.transaction(body));
}

/** One write outside a transaction that is not to fail on a full disk: it may use the reserve. */
export function freeingWrite<T>(root: string, body: () => T): T {
  return withReserve(root, body);
}

/** Opens the store; even reading takes some space, as the first reader rebuilds the index of the write-ahead log. */
export function openStore(root: string): Database {
  return withReserve(root, () => openDatabase(root));
}
