// Removes groups that somebody has written down as a container's own, with all below them and, where that is asked for, whoever is left inside. Whose
// they are its caller knows; a path that is on no cgroup file system is not touched.
import { rmdirSync, statfsSync } from "node:fs";
import { isErrno, KernelError } from "../../base/error.ts";
import { listChildren, listPids, signalPid } from "./process.ts";
import { waitUntil } from "./wait.ts";

/** Magic numbers of linux/magic.h: cgroup v1, cgroup v2. */
const cgroupFileSystems: readonly number[] = [0x27e0eb, 0x63677270];

/** True when it is gone. */
function tryRemove(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENODEV")) return true;
    if (isErrno(error, "EBUSY", "ENOTEMPTY")) return false;
    throw new KernelError("rmdir", error instanceof Error && "code" in error ? `${error.code}` : "EIO", path, { cause: error });
  }
}

function isGroup(path: string): boolean {
  try {
    return cgroupFileSystems.includes(statfsSync(path).type);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return false;
    throw error;
  }
}

/** How long those who die are waited for: who has been told to may be in an uninterruptible wait. */
const dyingMs = 5_000;
const goneMs = 2_000;

/**
 * `ends`: processes that are left are killed; otherwise they are somebody else's, and only groups without any go. Throws KernelError EBUSY when some
 * are still there after `patienceMs`.
 */
export function clearCgroup(path: string, ends: boolean, patienceMs = ends ? dyingMs : goneMs): void {
  if (!isGroup(path) || tryRemove(path)) return;
  const isGone = waitUntil(() => {
    for (const child of listChildren(path)) tryRemove(child);
    if (tryRemove(path)) return true;
    if (ends) for (const pid of listPids(path)) signalPid(pid, "SIGKILL");
    return false;
  }, patienceMs);
  if (isGone) return;
  const pids = listPids(path);
  throw new KernelError("rmdir", "EBUSY", path, {
    message: `cgroup ${path} is still in use${pids.length > 0 ? ` by process ${pids.join(", ")}` : ""}`,
    hint: ends
      ? "a process in an uninterruptible wait dies when its I/O ends; delete again then"
      : "they are not this container's; delete again when they have ended",
  });
}
