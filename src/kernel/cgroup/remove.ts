// Removes a cgroup with all that is in it, and nothing that is not tsns's own.
import { rmdirSync, statfsSync } from "node:fs";
import { basename, dirname, isAbsolute, normalize } from "node:path";
import { isErrno, KernelError, TsnsError } from "../../base/error.ts";
import { readCgroupLayout } from "./layout.ts";
import { killCgroup, listChildren, listPids } from "./process.ts";
import { waitUntil } from "./wait.ts";

// Magic numbers of linux/magic.h.
const cgroupFileSystems: readonly number[] = [0x27e0eb, 0x63677270];

/** Type of the file system a path is on (statfs(2)), or undefined if nothing is there. */
function fileSystemOf(path: string): number | undefined {
  try {
    return statfsSync(path).type;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}

/** Whether there is something to remove. Throws `internal` unless that is a tsns group strictly below the root of a cgroup mount. */
function isPresent(path: string): boolean {
  const plain = isAbsolute(path) && normalize(path) === path && basename(path).startsWith("tsns");
  const own = plain ? fileSystemOf(path) : 0;
  if (own === undefined) return false;
  // The parent too: the root of a mount is no group of tsns whatever its name.
  if (cgroupFileSystems.includes(own) && cgroupFileSystems.includes(fileSystemOf(dirname(path)) ?? 0)) return true;
  throw new TsnsError("internal", "cgroup-foreign", `refusing to remove ${path}: not a cgroup of tsns`);
}

const quickTries = 8;
const quickWaitMs = 0.1;

type Outcome = "gone" | "busy";

function tryRemove(path: string): Outcome {
  try {
    rmdirSync(path);
    return "gone";
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENODEV")) return "gone";
    if (isErrno(error, "EBUSY", "ENOTEMPTY")) return "busy";
    throw new KernelError("rmdir", error instanceof Error && "code" in error ? `${error.code}` : "EIO", path, { cause: error });
  }
}

/** The same container's directories as far as killing needs them: itself, and on v1 its freezer. */
function directoriesFor(path: string): Record<string, string> {
  const layout = readCgroupLayout();
  if (layout.unified !== undefined && path.startsWith(`${layout.unified}/`)) return { unified: path };
  return { pids: path, ...(layout.controllers.freezer ? { freezer: `${layout.controllers.freezer}${belowRoot(path, layout)}` } : {}) };
}

/** "/parent/tsns-ID": the same in every hierarchy. */
function belowRoot(path: string, { controllers }: ReturnType<typeof readCgroupLayout>): string {
  const root = Object.values(controllers).find((mountPoint) => path.startsWith(`${mountPoint}/`));
  return root === undefined ? `/${basename(path)}` : path.slice(root.length);
}

function sweep(path: string): Outcome {
  for (const child of listChildren(path)) tryRemove(child);
  return tryRemove(path);
}

/** The last process leaves its groups a moment after its parent has been told of its end. */
function removeSoon(path: string): boolean {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  for (let tried = 0; tried < quickTries; tried++) {
    Atomics.wait(cell, 0, 0, quickWaitMs);
    if (tryRemove(path) === "gone") return true;
  }
  return false;
}

/**
 * Kills what is left in a tsns cgroup and removes it and all groups below; a missing one is no error. An empty one costs three
 * system calls. Throws KernelError EBUSY when processes are still there after `timeoutMs` (uninterruptible ones die late).
 */
export function removeCgroup(path: string, timeoutMs = 5_000): void {
  if (!isPresent(path) || tryRemove(path) === "gone" || removeSoon(path)) return;
  const directories = directoriesFor(path);
  const gone = waitUntil(() => {
    if (listPids(path).length > 0) killCgroup(directories);
    return sweep(path) === "gone";
  }, timeoutMs);
  if (gone) return;
  const pids = listPids(path);
  throw new KernelError("rmdir", "EBUSY", path, {
    message: `cgroup ${path} is still in use${pids.length > 0 ? ` by process ${pids.join(", ")}` : ""}`,
    hint: "a process in an uninterruptible wait dies when its I/O ends; the next command tries again",
  });
}
