// The text of files that need not be there, nor be for everybody's eyes. Knows nothing of what they say.
import { readFileSync } from "node:fs";
import { isErrno } from "../base/error.ts";

/** Undefined when reading fails with one of these errors, by default because there is no such file. Throws node:fs's error for any other. */
export function readTextIfThere(path: string, ...errnos: readonly string[]): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isErrno(error, ...(errnos.length > 0 ? errnos : ["ENOENT"]))) return undefined;
    throw error;
  }
}

/** Undefined for whatever reason. */
export function tryReadText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
