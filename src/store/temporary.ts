// Names for unfinished work below the data root's tmp/: each tells which process makes it, so that what a crash
// left can be recognised. Makes only the tmp/ directory itself.

import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { isErrno } from "../base/error.ts";
import { ensureDirectory } from "./directory.ts";

/** A fresh path in `root`/tmp (which is made, 0700); nothing is there yet. */
export function temporaryPath(root: string): string {
  ensureDirectory(`${root}/tmp`, 0o700);
  return nameTemporary(root);
}

/** A fresh path in `root`/tmp; makes nothing. */
export function nameTemporary(root: string): string {
  return `${root}/tmp/${process.pid}-${startTime(process.pid)}-${randomBytes(6).toString("hex")}`;
}

/** Paths in `root`/tmp whose maker is gone. */
export function staleTemporaries(root: string): string[] {
  let names: string[];
  try {
    names = readdirSync(`${root}/tmp`);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw error;
  }
  return names
    .filter((name) => {
      const [pid, start] = name.split("-");
      return pid !== undefined && start !== undefined && /^\d+$/.test(pid) && startTime(Number(pid)) !== start;
    })
    .map((name) => `${root}/tmp/${name}`);
}

/** Field 22 of /proc/PID/stat (proc(5)), in clock ticks since boot; "" when there is no such process. */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
