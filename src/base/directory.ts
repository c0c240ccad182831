// Making a directory with its parents, as mkdir -p does. Calls nothing itself: the effects are handed in.
import { isErrno } from "./error.ts";

export interface DirectoryCalls {
  /** mkdir(2) of one directory. */
  readonly make: (path: string) => void;
  readonly isDirectory: (path: string) => boolean;
}

/**
 * Makes `path` and what is missing above it; one that is there stays. Each is tried twice at most: in a file system that answers ENOENT to
 * every mkdir (proc) Node's own recursive call tries for ever. Throws what `make` throws.
 */
export function makeDirectories(path: string, calls: DirectoryCalls): void {
  try {
    calls.make(path);
  } catch (error) {
    if (isErrno(error, "EEXIST") && calls.isDirectory(path)) return;
    const parent = path.replace(/\/+[^/]+\/*$/, "");
    if (!isErrno(error, "ENOENT") || parent === path || parent === "") throw error;
    makeDirectories(parent, calls);
    try {
      calls.make(path);
    } catch (second) {
      // Another process was faster.
      if (!isErrno(second, "EEXIST") || !calls.isDirectory(path)) throw second;
    }
  }
}
