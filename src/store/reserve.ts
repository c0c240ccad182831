// Some space of the data root's file system kept aside: on a full disk it is given up so that what frees space (stop, rm)
// can still write the store. Knows nothing of what is written into it.
import { closeSync, fsyncSync, ftruncateSync, openSync, statSync, writeSync } from "node:fs";
import { isErrno, TsnsError } from "../base/error.ts";
import { type Database, logPages, openDatabase, pageBytes } from "./database.ts";

/** Pages that the transactions of a stop and a removal append to the write-ahead log: 24 were counted. */
const removalPages = 28;

/** When the log is full the store takes it in, and grows by its pages before the log goes: a young store has everything in its log. */
const removalBytes = (logPages + removalPages) * pageBytes;

/** The index of the write-ahead log, which the first that opens the store makes anew (SQLite's WALINDEX_PGSZ). */
const indexBytes = 32 * 1024;

const reserveBytes = removalBytes + indexBytes;

const pathOf = (root: string): string => `${root}/reserve`;

const sizeOf = (root: string): number => statSync(pathOf(root), { throwIfNoEntry: false })?.size ?? 0;

/** Makes the reserve unless all of it is there; what a disk has no room for is not kept. */
export function keepReserve(root: string): void {
  const kept = sizeOf(root);
  if (kept >= reserveBytes) return;
  const file = openSync(pathOf(root), "a", 0o600);
  try {
    for (let size = kept; size < reserveBytes; ) size += writeSync(file, Buffer.alloc(reserveBytes - size));
  } catch (error) {
    if (!isErrno(error, "ENOSPC", "EDQUOT")) throw error;
    ftruncateSync(file, kept);
  } finally {
    closeSync(file);
  }
}

/** Gives back what lies above `keptBytes`; false if there was nothing. A journalling file system lets others have it only when it is synced. */
function releaseReserve(root: string, keptBytes: number): boolean {
  if (sizeOf(root) <= keptBytes) return false;
  const file = openSync(pathOf(root), "r+");
  try {
    ftruncateSync(file, keptBytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return true;
}

/** Runs `body`, once more with the reserve given up down to `keptBytes` if the disk is full. */
function withReserve<T>(root: string, body: () => T, keptBytes = 0): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof TsnsError && error.code === "disk-full") || !releaseReserve(root, keptBytes)) throw error;
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

/**
 * Opens the store; even reading takes some space, as the first reader rebuilds the index of the write-ahead log. It gets no more than that: what
 * removals need is not for a command that would use space up.
 */
export function openStore(root: string): Database {
  return withReserve(root, () => withReserve(root, () => openDatabase(root), removalBytes));
}
