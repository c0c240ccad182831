// Directories with their parents, without the trap of Node's recursive call (src/base/directory.ts).
import { mkdirSync, statSync } from "node:fs";
import { makeDirectories } from "../../base/directory.ts";

/** As mkdir -p; `mode` for each that is made. Throws Node's system errors. */
export function ensureDirectory(path: string, mode: number): void {
  makeDirectories(path, {
    make: (each) => mkdirSync(each, { mode }),
    isDirectory: (each) => statSync(each, { throwIfNoEntry: false })?.isDirectory() === true,
  });
}
