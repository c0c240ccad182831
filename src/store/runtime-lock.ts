// One command at a time changes a container of the OCI runtime: a file in its directory that names the process which does. Knows files, not
// whether a process lives. A lock whose holder has died is passed by, never taken away: the next one has a higher number.
import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isErrno } from "../base/error.ts";
import { parseProcess, type RuntimeProcessIdentity } from "./runtime-record.ts";

export interface RuntimeLock {
  release(): void;
}

/** Who holds the lock of this directory; undefined where nobody who lives does, or there is no directory. */
export function readRuntimeHolder(
  directory: string,
  isAlive: (process: RuntimeProcessIdentity) => boolean,
): RuntimeProcessIdentity | undefined {
  const holder = holderOf(directory, highest(directory));
  return holder && isAlive(holder) ? holder : undefined;
}

/** The lock, or who has it; undefined where there is no directory. */
export function takeRuntimeLock(
  directory: string,
  self: RuntimeProcessIdentity,
  isAlive: (process: RuntimeProcessIdentity) => boolean,
): RuntimeLock | RuntimeProcessIdentity | undefined {
  const own = `${directory}/lock-${self.pid}`;
  try {
    writeFileSync(own, `${self.pid} ${self.startTime}\n`, { mode: 0o600 });
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
  try {
    for (;;) {
      const number = highest(directory);
      const holder = holderOf(directory, number);
      if (holder && isAlive(holder)) return holder;
      const path = `${directory}/lock.${number + 1}`;
      if (isLinked(own, path)) return { release: () => unlock(path, self) };
    }
  } catch (error) {
    // Its directory has gone in between.
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Whoever has deleted the container holds nothing any more: the id may be a newer one's, and the lock its maker's. */
function unlock(path: string, self: RuntimeProcessIdentity): void {
  const holder = holderAt(path);
  if (holder?.pid === self.pid && holder.startTime === self.startTime) rmSync(path, { force: true });
}

/** link(2): the file appears with its content, or is there already. */
function isLinked(own: string, path: string): boolean {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (isErrno(error, "EEXIST")) return false;
    throw error;
  }
}

/** 0: nobody ever held it. */
function highest(directory: string): number {
  try {
    return Math.max(0, ...readdirSync(directory).map((name) => Number(/^lock\.(\d{1,9})$/.exec(name)?.[1] ?? 0)));
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return 0;
    throw error;
  }
}

const holderOf = (directory: string, number: number): RuntimeProcessIdentity | undefined =>
  number === 0 ? undefined : holderAt(`${directory}/lock.${number}`);

function holderAt(path: string): RuntimeProcessIdentity | undefined {
  try {
    return parseProcess(readFileSync(path, "utf8"));
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}
