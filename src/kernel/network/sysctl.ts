// Network settings of this process's namespace, by their keys (sysctl(8)). Those of others are read in space-sysctl.ts.
import { readFileSync } from "node:fs";
import { isErrno } from "../../base/error.ts";
import { pathOfKey } from "../../plan/sysctl.ts";

/** Undefined where there is none, or it is not ours to see. */
export function readSysctl(key: string): string | undefined {
  try {
    return readFileSync(pathOfKey(key), "latin1").trim();
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES", "EPERM", "ENOTDIR")) return undefined;
    throw error;
  }
}
