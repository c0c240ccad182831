// Groups of any name: made, removed, joined, one directory of one hierarchy each. Knows no limits.
// Groups of containers, which may be killed with all that is in them, are made and removed by file.ts and remove.ts.
import { mkdirSync, rmdirSync } from "node:fs";
import { isErrno, KernelError } from "../../base/error.ts";
import { writeCgroupFile } from "./file.ts";
import { listPids } from "./process.ts";
import { waitUntil } from "./wait.ts";

function errnoOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "EIO";
}

const privilegeHint = "run as root, or in a subtree that was delegated to this user";

/** Throws KernelError; EEXIST is a conflict. */
export function makeGroup(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "EEXIST") throw new KernelError("mkdir", errno, path, { message: `cgroup ${path} exists already`, cause: error });
    const hint = {
      EACCES: privilegeHint,
      EPERM: privilegeHint,
      EROFS: "the cgroup file system is mounted read-only: is this itself a container?",
      ENOENT: "the file system there is no cgroup file system, or a group above is going: tsns cgroup ls",
      ENOTDIR: "tsns cgroup ls lists groups",
      ENAMETOOLONG: "names have at most 255 bytes",
      EAGAIN: "cgroup.max.descendants or cgroup.max.depth of a group above is reached",
    }[errno];
    throw new KernelError("mkdir", errno, path, {
      message: `cannot make cgroup ${path}: ${errno}`,
      cause: error,
      ...(hint ? { hint } : {}),
    });
  }
}

/** Throws KernelError. */
export function ensureGroup(path: string): void {
  try {
    makeGroup(path);
  } catch (error) {
    if (!(error instanceof KernelError && error.errno === "EEXIST")) throw error;
  }
}

/** A process that has just ended leaves its group a moment later than its parent learns of it. */
const settleMs = 50;

/** Removes an empty group. Throws KernelError EBUSY naming the processes, or saying that there are groups below. */
export function deleteGroup(path: string): void {
  let failure: unknown;
  const gone = waitUntil(() => {
    try {
      rmdirSync(path);
      return true;
    } catch (error) {
      failure = error;
      if (isErrno(error, "ENOENT", "ENODEV")) return true;
      if (isErrno(error, "EBUSY") && listPids(path).length === 0) return false;
      throw busy(path, error);
    }
  }, settleMs);
  if (!gone) throw busy(path, failure);
}

function busy(path: string, error: unknown): KernelError {
  const errno = errnoOf(error);
  if (errno !== "EBUSY" && errno !== "ENOTEMPTY") {
    const hint = errno === "EACCES" || errno === "EPERM" ? { hint: privilegeHint } : {};
    return new KernelError("rmdir", errno, path, { message: `cannot remove cgroup ${path}: ${errno}`, cause: error, ...hint });
  }
  const pids = listPids(path);
  const what =
    pids.length > 0 ? `process ${pids.slice(0, 8).join(", ")}${pids.length > 8 ? " ..." : ""} is in it` : "there are groups below it";
  return new KernelError("rmdir", "EBUSY", path, {
    message: `cannot remove cgroup ${path}: ${what}`,
    hint: pids.length > 0 ? "--force ends its processes first" : "--recursive removes them too",
    cause: error,
  });
}

const joinHints: Readonly<Record<string, string>> = {
  EBUSY: "this group hands controllers down, so on v2 only the groups below it may have processes (cgroups(7), no internal processes)",
  ENOSPC: "its cpuset has no CPUs or no memory nodes: set cpuset-cpus and cpuset-mems first",
  EINVAL: "a kernel thread, or a real-time process where cpu groups have no real-time share, cannot be moved",
  EOPNOTSUPP: "this group is threaded (cgroup.type): it takes threads of its domain only",
  EACCES: "root may do this; a user only within a delegated subtree, source and target below a group of his",
  EPERM: "root may do this; a user only within a delegated subtree, source and target below a group of his",
};

/** Moves a process. `path` is a cgroup.procs file. Throws KernelError, not-found when the process or the group is gone. */
export function joinGroup(path: string, pid: number): void {
  try {
    writeCgroupFile(path, `${pid}`);
  } catch (error) {
    const errno = error instanceof KernelError ? error.errno : "EIO";
    if (errno === "ESRCH") throw new KernelError("write", errno, path, { message: `no process ${pid}`, cause: error });
    const hint = joinHints[errno];
    const message = `cannot move process ${pid} to ${path.replace(/\/cgroup\.procs$/, "")}: ${errno}`;
    throw new KernelError("write", errno, path, { message, cause: error, ...(hint ? { hint } : {}) });
  }
}
