// What stands in the state root under the name of a container without being one that tsns has written. Nothing here follows a link.
import { lstatSync, rmSync } from "node:fs";
import { runtimeDirectory } from "./runtime-record.ts";

const statOf = (path: string) => lstatSync(path, { throwIfNoEntry: false });

/** A link, or a file: nothing can be in it that is a container's. */
export const isNoDirectory = (root: string, id: string): boolean => statOf(runtimeDirectory(root, id))?.isDirectory() === false;

/** Journal and process count only as files of the directory's own: what is under their names otherwise goes. */
export function dropForeignWords(root: string, id: string): void {
  for (const name of ["undo", "process"]) {
    const path = `${runtimeDirectory(root, id)}/${name}`;
    if (statOf(path)?.isFile() === false) rmSync(path, { recursive: true, force: true });
  }
}
