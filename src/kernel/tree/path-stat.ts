// stat(2) of a path that somebody gave.
import { type Stats, statSync } from "node:fs";
import { KernelError } from "../../base/error.ts";
import { pathHint } from "../../base/path-hint.ts";

/** Undefined when nothing is there. Throws KernelError EACCES, ELOOP ... with a remedy. */
export function readPathStat(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    const errno = error instanceof Error && "code" in error ? String(error.code) : "EIO";
    throw new KernelError("stat", errno, path, { cause: error, ...pathHint(errno, path) });
  }
}
