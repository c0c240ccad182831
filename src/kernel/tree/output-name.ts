// Names of files that are being written beside their place. Each tells which process writes it, so that what a killed one left is known
// for that, and removed by the next that writes to the same place.
import { readdirSync, readlinkSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { readProcessStat } from "../proc/stat.ts";

/** So much of the place's own name: the whole must not be longer than a name may be (255 bytes, in UTF-8 4 for a character). */
const nameMax = 40;

const prefixOf = (path: string): string => `.${basename(path).slice(0, nameMax)}.tsns-`;

/** A pid means something in its own namespace only: a directory may be shared. */
const pidNamespace = (): string => /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "0";

/** Hidden, in the directory of `path`. */
export function stagedName(path: string): string {
  const start = readProcessStat(process.pid)?.startTicks ?? 0;
  return join(dirname(path), `${prefixOf(path)}${pidNamespace()}-${process.pid}-${start}`);
}

/** Removes what processes left that were killed while they wrote to `path`. What cannot be removed stays. */
export function sweepStaged(path: string): void {
  const directory = dirname(path);
  const own = `${prefixOf(path)}${pidNamespace()}-`;
  for (const name of namesIn(directory)) {
    if (!name.startsWith(own)) continue;
    const [, pid, start] = /^(\d+)-(\d+)$/.exec(name.slice(own.length)) ?? [];
    if (pid === undefined || readProcessStat(Number(pid))?.startTicks === Number(start)) continue;
    try {
      rmSync(join(directory, name));
    } catch {
      // somebody else's, or gone: writing does not depend on it
    }
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // opening the file says what is wrong
  }
}
