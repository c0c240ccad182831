// Which program an OCI runtime is.
import { accessSync, constants, statSync } from "node:fs";
import { isErrno } from "../../base/error.ts";
import { systemFolders } from "../proc/search-path.ts";

/** The program behind an absolute path, or behind a name in systemFolders; undefined where there is none. */
export function findRuntime(name: string): string | undefined {
  const candidates = name.includes("/") ? (name.startsWith("/") ? [name] : []) : systemFolders().map((folder) => `${folder}/${name}`);
  return candidates.find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES", "ENOTDIR")) return false;
    throw error;
  }
}
