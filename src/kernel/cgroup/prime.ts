// Takes the wait out of joining v1 cgroups. The first write to any cgroup.procs after a quiet time waits for an RCU grace period
// (6 to 15 ms; cgroup_threadgroup_rwsem is turned to its slow mode), those within some 8 ms after it take 20 microseconds.
// CLONE_INTO_CGROUP does without, so v2 needs none of this.
import { readFileSync, writeFile } from "node:fs";
import type { CgroupLayout } from "../../cgroup/state.ts";

/** Path of a process in one v1 hierarchy, from /proc/<pid>/cgroup (`8:pids:/a/b`, cgroups(7)), or undefined. */
export function parseLegacyPath(text: string, controller: string): string | undefined {
  for (const line of text.split("\n")) {
    const [, controllers, ...path] = line.split(":");
    if (controllers?.split(",").includes(controller)) return path.join(":");
  }
  return undefined;
}

/** The group tsns itself is in, which it can join again without effect. */
function ownGroup(layout: CgroupLayout): string | undefined {
  const mountPoint = layout.controllers.freezer;
  const path = mountPoint === undefined ? undefined : parseLegacyPath(readFileSync("/proc/self/cgroup", "utf8"), "freezer");
  return path === undefined || path.includes("..") ? undefined : `${mountPoint}${path === "/" ? "" : path}/cgroup.procs`;
}

/**
 * Starts a join without effect (tsns joins the group it is in) on another thread and returns at once. To be called some
 * milliseconds before the container's first process joins, so that the wait passes while its helper is started.
 * Only a matter of speed: what goes wrong is ignored. `done` is told the end of it.
 */
export function primeJoin(layout: CgroupLayout, done: (joined: boolean) => void = () => {}): void {
  const file = layout.mode === "v2" ? undefined : ownGroup(layout);
  if (file === undefined) done(false);
  else writeFile(file, `${process.pid}`, { flag: "r+" }, (error) => done(error === null));
}
