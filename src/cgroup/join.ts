// By which file of a group a process joins it.

/**
 * What native `cgroup-join` writes 0 to. `tasks` of v1 moves one thread, which is all the joining process has, without the wait for an RCU
 * grace period that `cgroup.procs` takes. `key`: the controller, "v2" for the unified hierarchy, which has no such file (cgroups(7)).
 */
export function joinFile(key: string, directory: string): string {
  return `${directory}/${key === "v2" ? "cgroup.procs" : "tasks"}`;
}

/** One file for each directory; controllers mounted together have one directory. */
export function joinFiles(directories: Readonly<Record<string, string>>): string[] {
  return [...new Set(Object.entries(directories).map(([key, directory]) => joinFile(key, directory)))];
}
