// The processes of a cgroup: listed, killed, frozen and thawed, for both versions.
// Knows directories only, not which container they belong to.

import { closeSync, constants, openSync, readdirSync, writeSync } from "node:fs";
import { isErrno, KernelError } from "../../base/error.ts";
import { sendSignal } from "../proc/signal.ts";
import { readCgroupFile, writeCgroupFile } from "./file.ts";
import { waitUntil } from "./wait.ts";

/** Directory of a container's cgroup per controller (v1), or under "unified" (v2): CgroupPlan.directories. */
export type CgroupDirectories = Readonly<Record<string, string>>;

/** Subdirectories of a cgroup, deepest first; a missing one has none. */
export function listChildren(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap((entry) => [...listChildren(`${directory}/${entry.name}`), `${directory}/${entry.name}`]);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENODEV")) return [];
    throw error;
  }
}

/**
 * Process ids (thread group ids) in a cgroup and all below it, in tsns's own pid namespace, ascending. None if it is gone.
 * The kernel shows 0 for a process outside that namespace; it is left out.
 */
export function listPids(directory: string): readonly number[] {
  const pids = listedIn(directory).filter((pid) => Number.isSafeInteger(pid) && pid > 0);
  return [...new Set(pids)].sort((a, b) => a - b);
}

/** How many processes are in a cgroup and all below it, those outside tsns's pid namespace too. None if it is gone. */
export const countProcesses = (directory: string): number => listedIn(directory).length;

const listedIn = (directory: string): readonly number[] =>
  [directory, ...listChildren(directory)].flatMap((dir) =>
    (readCgroupFile(`${dir}/cgroup.procs`) ?? "")
      .split("\n")
      .filter((line) => line !== "")
      .map(Number),
  );

/** Sends a signal; a process that is gone is no error. Never to process 1 or to tsns itself, whatever a cgroup lists. */
export function signalPid(pid: number, signal: NodeJS.Signals | number): void {
  if (pid > 1 && pid !== process.pid) sendSignal(pid, signal);
}

function firstOf(directories: CgroupDirectories): string | undefined {
  return directories.unified ?? directories.pids ?? Object.values(directories)[0];
}

/** All processes of a container: every hierarchy holds the same ones, so one is asked. */
export function listMembers(directories: CgroupDirectories): readonly number[] {
  const directory = firstOf(directories);
  return directory === undefined ? [] : listPids(directory);
}

export type FreezerState = "thawed" | "frozen";

function setFreezer(directories: CgroupDirectories, frozen: boolean): void {
  if (directories.unified !== undefined) writeCgroupFile(`${directories.unified}/cgroup.freeze`, frozen ? "1" : "0");
  else if (directories.freezer !== undefined) writeCgroupFile(`${directories.freezer}/freezer.state`, frozen ? "FROZEN" : "THAWED");
  else throw new KernelError("write", "EOPNOTSUPP", "freezer", { message: "the container's cgroup has no freezer" });
}

/** What the freezer of a container says; a v1 group that is still freezing is not frozen. */
export function readFreezer(directories: CgroupDirectories): FreezerState {
  const { unified, freezer } = directories;
  if (unified !== undefined) return /^frozen 1$/m.test(readCgroupFile(`${unified}/cgroup.events`) ?? "") ? "frozen" : "thawed";
  if (freezer === undefined) return "thawed";
  return (readCgroupFile(`${freezer}/freezer.state`) ?? "").trim() === "FROZEN" ? "frozen" : "thawed";
}

/**
 * Stops all processes of a container where they are and returns when they stand still.
 * A v1 group can hang in FREEZING when processes fork meanwhile: writing again picks those up (cgroup-v1/freezer-subsystem.rst).
 * Throws KernelError EAGAIN, thawed again, when they don't stand still in `timeoutMs`.
 */
export function freezeCgroup(directories: CgroupDirectories, timeoutMs = 10_000): void {
  setFreezer(directories, true);
  const still = waitUntil(() => {
    if (readFreezer(directories) === "frozen") return true;
    setFreezer(directories, true);
    return false;
  }, timeoutMs);
  if (still) return;
  setFreezer(directories, false);
  throw new KernelError("freeze", "EAGAIN", Object.values(directories)[0] ?? "", {
    message: `the processes of ${Object.values(directories)[0]} could not be paused in ${timeoutMs} ms`,
    hint: "one of them is in an uninterruptible wait; try again",
  });
}

/** Lets them go on. Throws KernelError EOPNOTSUPP without a freezer. */
export function thawCgroup(directories: CgroupDirectories): void {
  setFreezer(directories, false);
}

/** Lets whoever is frozen go on. Without a freezer, or where the groups are gone, there is nobody. */
export function thawIfThere({ unified, freezer }: CgroupDirectories): void {
  if (unified !== undefined) tryWrite(`${unified}/cgroup.freeze`, "0");
  else if (freezer !== undefined) tryWrite(`${freezer}/freezer.state`, "THAWED");
}

function killListed(directory: string, signal: NodeJS.Signals): void {
  for (const pid of listPids(directory)) signalPid(pid, signal);
}

/** Writes to a file that may be missing; says whether it was there. cgroup.kill cannot be read, not even by its owner. */
function tryWrite(path: string, value: string): boolean {
  try {
    const descriptor = openSync(path, constants.O_WRONLY);
    try {
      writeSync(descriptor, value);
    } finally {
      closeSync(descriptor);
    }
    return true;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENODEV")) return false;
    throw error;
  }
}

/** Who does not stand still by then is in an uninterruptible wait, and forks as little. */
const stillMs = 1000;

/** Freezes a v1 group. It is listed when all of it stands still: until then a child that is being forked is in no list. False without a freezer. */
function holdStill(freezer: string): boolean {
  const path = `${freezer}/freezer.state`;
  if (!tryWrite(path, "FROZEN")) return false;
  waitUntil(() => readFreezer({ freezer }) === "frozen" || !tryWrite(path, "FROZEN"), stillMs);
  return true;
}

/**
 * Sends a signal to all processes of a container; for one in the host's pid namespace, where no process 1 takes them along.
 * SIGKILL misses nobody: v2 has cgroup.kill (Linux 5.14), on v1 the group is frozen while it is listed,
 * and a frozen process dies when it is thawed. It returns before they are gone.
 */
export function killCgroup(directories: CgroupDirectories, signal: NodeJS.Signals = "SIGKILL"): void {
  const { unified, freezer } = directories;
  const directory = firstOf(directories);
  if (directory === undefined) return;
  if (signal === "SIGKILL" && unified !== undefined && tryWrite(`${unified}/cgroup.kill`, "1")) return;
  const held = signal === "SIGKILL" && freezer !== undefined && holdStill(freezer);
  try {
    killListed(directory, signal);
  } finally {
    if (held) tryWrite(`${freezer}/freezer.state`, "THAWED");
  }
}
