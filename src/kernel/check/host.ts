// Files, programs and controllers that `tsns check` looks at. A group made to try a controller is removed again at once.
import { accessSync, constants, readFileSync } from "node:fs";
import { isErrno, TsnsError } from "../../base/error.ts";
import { directoryOf, type Hierarchy } from "../../cgroup/hierarchy.ts";
import { deleteGroup, makeGroup } from "../cgroup/group.ts";
import { systemFolders } from "../proc/search-path.ts";

/** Text of a file, or the errno that came instead. */
export function tryRead(path: string): { readonly text: string } | { readonly errno: string } {
  try {
    return { text: readFileSync(path, "utf8").trim() };
  } catch (error) {
    return { errno: error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "EIO" };
  }
}

/** Full path of a program, looked for in systemFolders. */
export function findProgram(name: string, path?: string): string | undefined {
  for (const directory of systemFolders(path)) {
    const file = `${directory}/${name}`;
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch (error) {
      if (!isErrno(error, "ENOENT", "EACCES", "ENOTDIR")) throw error;
    }
  }
  return undefined;
}

/** Makes a group right below a hierarchy's root, shows its directory to `look`, removes it. The errno when it cannot be made. */
export function withGroup<T>(hierarchy: Hierarchy, look: (directory: string) => T): { readonly value: T } | { readonly errno: string } {
  const directory = directoryOf(hierarchy, `/tsns-check-${process.pid}`);
  try {
    makeGroup(directory);
  } catch (error) {
    if (error instanceof TsnsError && "errno" in error) return { errno: `${error.errno}` };
    throw error;
  }
  try {
    return { value: look(directory) };
  } finally {
    deleteGroup(directory);
  }
}
