// What is done to all processes of any group: frozen, thawed, signalled, ended. Waits until the kernel says it is done.
import { KernelError } from "../../base/error.ts";
import type { CgroupKill } from "../../plan/step/cgroup.ts";
import { readCgroupFile, writeCgroupFile } from "./file.ts";
import { freezeCgroup, killCgroup, listPids, signalPid } from "./process.ts";
import { waitUntil } from "./wait.ts";

/** Freezes as containers are (process.ts: thawed again when they do not stand still in time); thawing returns when they run. */
export function setFrozen(directory: string, version: "v1" | "v2", frozen: boolean): void {
  if (frozen) {
    freezeCgroup(version === "v2" ? { unified: directory } : { freezer: directory });
    return;
  }
  const [file, value] = version === "v2" ? ["cgroup.freeze", "0"] : ["freezer.state", "THAWED"];
  writeCgroupFile(`${directory}/${file}`, value);
  const running = () =>
    version === "v2"
      ? /^frozen 0$/m.test(readCgroupFile(`${directory}/cgroup.events`) ?? "frozen 0")
      : (readCgroupFile(`${directory}/freezer.state`) ?? "THAWED").trim() === "THAWED";
  if (waitUntil(running, 2_000)) return;
  throw new KernelError("write", "EBUSY", directory, {
    message: `cgroup ${directory} stays frozen`,
    hint: "a group above it is frozen: thaw that one",
  });
}

/** All pids of these directories and those below. */
function listAllPids(directories: readonly string[]): readonly number[] {
  return [...new Set(directories.flatMap((directory) => listPids(directory)))];
}

export function signalProcesses(directories: readonly string[], signal: number): void {
  for (const pid of listAllPids(directories)) signalPid(pid, signal);
}

/**
 * SIGKILL until nobody is left: on v2 the kernel misses nobody, on v1 those that did not stand still in time are caught in the next round.
 * Throws KernelError EBUSY when some are still there after `timeoutMs`.
 */
export function endProcesses({ directories, unified, freezer }: CgroupKill, timeoutMs = 10_000): void {
  const others = directories.filter((directory) => directory !== freezer && directory !== unified);
  const gone = waitUntil(() => {
    const left = listAllPids(directories);
    if (left.length === 0) return true;
    if (unified !== undefined) killCgroup({ unified });
    else if (freezer !== undefined) killCgroup({ pids: freezer, freezer });
    // Members of one hierarchy need not be members of the freezer's.
    for (const directory of others) for (const pid of listPids(directory)) signalPid(pid, "SIGKILL");
    return false;
  }, timeoutMs);
  if (gone) return;
  const pids = listAllPids(directories);
  throw new KernelError("kill", "EBUSY", directories[0] ?? "", {
    message: `process ${pids.slice(0, 8).join(", ")} of cgroup ${directories[0]} did not end in ${timeoutMs / 1000} s`,
    hint: "a process in an uninterruptible wait dies when its I/O ends; try again",
  });
}
