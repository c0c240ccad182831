// How a process enters the groups of a container that is there already, or groups below them.
import { existsSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import { directoryOf } from "../../cgroup/hierarchy.ts";
import { joinFiles } from "../../cgroup/join.ts";
import { readCgroupFile } from "../../kernel/cgroup/file.ts";
import { readHierarchies } from "../../kernel/cgroup/observe.ts";
import type { GroupEntry } from "../../runtime/plan/place.ts";
import { groupIn } from "./group-fact.ts";

/**
 * `choices`: PATH for every group, or CONTROLLER[,CONTROLLER]:PATH. `pid`: the container's first process. Throws invalid for what is no group below
 * the container's.
 */
export function entryOf(directories: Readonly<Record<string, string>>, choices: readonly string[], pid: number): GroupEntry {
  const chosen: Record<string, string> = { ...directories };
  for (const choice of choices) {
    const [, controllers, path = ""] = /^(?:([^:/]*):)?(.*)$/s.exec(choice) ?? [];
    const names = controllers === undefined ? Object.keys(directories) : controllers.split(",");
    for (const name of names) chosen[name] = subgroupOf(directories, name, path, choice);
  }
  const { unified, ...hierarchies } = chosen;
  return {
    joins: joinFiles(hierarchies),
    ...(unified === undefined ? {} : { into: choices.length > 0 ? unified : enterable(unified, pid) }),
  };
}

/** A group that hands controllers down has processes below it alone (cgroups(7), no internal processes): those of a system that runs in it. */
function enterable(directory: string, pid: number): string {
  if (!readCgroupFile(`${directory}/cgroup.subtree_control`)?.trim()) return directory;
  const hierarchy = readHierarchies().find(({ version }) => version === "v2");
  const path = hierarchy && groupIn(hierarchy, pid);
  const first = hierarchy && path !== undefined ? directoryOf(hierarchy, path) : "";
  return first.startsWith(`${directory}/`) ? first : directory;
}

/** The words are runc's: callers look for them. */
function subgroupOf(directories: Readonly<Record<string, string>>, controller: string, path: string, choice: string): string {
  const directory = directories[controller];
  const below = path.split("/").filter((name) => name !== "" && name !== ".");
  const chosen = [directory, ...below].join("/");
  const refuse = (what: string, hint: string) => new TsnsError("invalid", "no-such-group", `--cgroup ${choice}: ${what}`, { hint });
  if (directory === undefined)
    throw refuse(`unknown controller ${controller}`, `the container has groups of ${Object.keys(directories).join(", ")}`);
  if (below.includes(".."))
    throw refuse(`${path} is not a sub cgroup path`, "write the path below the container's group, / for that itself");
  if (existsSync(chosen)) return chosen;
  throw refuse(
    `adding pid to ${chosen}/cgroup.procs: no such file or directory`,
    "write [CONTROLLER:]PATH of a group that is there, / for the container's own",
  );
}
