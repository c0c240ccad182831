// What this machine knows of Debian: apt's source files, its own release, and which bootstrap program is installed.
import { existsSync, readdirSync } from "node:fs";
import { isErrno } from "../../base/error.ts";
import { type AptSource, parseDeb822, parseSourcesList } from "../../image/apt-source.ts";
import { readTextIfThere } from "../text-file.ts";

/** All enabled binary sources of /etc/apt, in apt's order. */
export function readAptSources(directory = "/etc/apt"): AptSource[] {
  const parts = namesIn(`${directory}/sources.list.d`)
    .sort()
    .map((name) => `${directory}/sources.list.d/${name}`);
  return [`${directory}/sources.list`, ...parts].flatMap((path) => {
    if (path.endsWith(".sources")) return parseDeb822(readText(path));
    return path.endsWith(".list") ? parseSourcesList(readText(path)) : [];
  });
}

/** VERSION_CODENAME of os-release(5), "" when there is none. */
export function readHostSuite(path = "/etc/os-release"): string {
  return /^VERSION_CODENAME="?([^"\n]*)"?$/m.exec(readText(path))?.[1] ?? "";
}

/** The first of these programs that lies in a directory of `searchPath` (PATH's form). */
export function findProgram(names: readonly string[], searchPath: string): string | undefined {
  return names.find((name) => searchPath.split(":").some((directory) => directory.startsWith("/") && existsSync(`${directory}/${name}`)));
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw error;
  }
}

const readText = (path: string): string => readTextIfThere(path) ?? "";
