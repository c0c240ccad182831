// Resolves a path inside another root directory, a container's for instance: links are followed as that root has them, never out of it.
// Only looks; whoever acts on the answer has the kernel resolve it again (native/ns-mount.c).
import { lstatSync, readlinkSync, realpathSync } from "node:fs";
import { KernelError } from "../../base/error.ts";
import { pathHint } from "../../base/path-hint.ts";

const linksMax = 40; // path_resolution(7)

export interface Resolved {
  /** Absolute inside the root, without links; with the missing names at its end. */
  readonly path: string;
  /** Names at the end of `path` that are not there. */
  readonly missing: readonly string[];
  /** What is there; undefined when something is missing. */
  readonly type?: "directory" | "file" | "other";
}

/** `root` is a directory, "" for this process's own root. Throws KernelError ENOTDIR, ELOOP, EACCES. */
export function resolveInside(root: string, path: string): Resolved {
  const ahead = path.split("/").reverse();
  let here = "";
  let links = 0;
  let type: "directory" | "file" | "other" = "directory";
  for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
    if (name === "" || name === ".") continue;
    if (type !== "directory") throw new KernelError("open", "ENOTDIR", here, pathHint("ENOTDIR", here));
    if (name === "..") {
      here = here.slice(0, Math.max(here.lastIndexOf("/"), 0));
      continue;
    }
    const next = `${here}/${name}`;
    const stat = statOf(`${root}${next}`, next);
    if (!stat) return withMissing(here, [name, ...ahead.reverse().filter((word) => word !== "" && word !== ".")], next);
    if (!stat.isSymbolicLink()) {
      here = next;
      type = stat.isDirectory() ? "directory" : stat.isFile() ? "file" : "other";
      continue;
    }
    if (++links > linksMax) throw new KernelError("open", "ELOOP", path, pathHint("ELOOP", path));
    const target = readLink(`${root}${next}`, next);
    if (target.startsWith("/")) here = "";
    ahead.push(...target.split("/").reverse());
  }
  return { path: here === "" ? "/" : here, missing: [], type };
}

function withMissing(here: string, missing: readonly string[], at: string): Resolved {
  if (missing.includes("..")) throw new KernelError("open", "ENOENT", at, pathHint("ENOENT", at));
  return { path: `${here}/${missing.join("/")}`, missing };
}

/** proc(5): /proc/self has no text for a process of another pid namespace, and links of a process may be refused. */
function readLink(path: string, shown: string): string {
  try {
    return readlinkSync(path);
  } catch (error) {
    const errno = error instanceof Error && "code" in error ? String(error.code) : "EIO";
    const hint = errno === "EACCES" ? "run as root" : "give the path it stands for";
    throw new KernelError("readlink", errno, shown, { message: `the link ${shown} leads nowhere from here: ${errno}`, hint, cause: error });
  }
}

function statOf(path: string, shown: string) {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (error instanceof Error && "code" in error && typeof error.code === "string") {
      throw new KernelError("stat", error.code, shown, { cause: error, ...pathHint(error.code, shown) });
    }
    throw error;
  }
}

export interface SourceFile {
  readonly path: string;
  readonly isDirectory: boolean;
}

/** A path of this process that must be there, without links. Throws KernelError naming it as it was given. */
export function readSource(path: string): SourceFile {
  try {
    const real = realpathSync(path);
    return { path: real, isDirectory: lstatSync(real).isDirectory() };
  } catch (error) {
    const errno = error instanceof Error && "code" in error ? String(error.code) : "EIO";
    throw new KernelError("open", errno, path, { cause: error, ...pathHint(errno, path) });
  }
}
