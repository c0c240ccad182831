// How a process enters the groups of a container that is there already, or groups below them.
import { existsSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import { joinFile } from "../../cgroup/join.ts";
import type { GroupEntry } from "../../runtime/plan/place.ts";

/** `choices`: PATH for every group, or CONTROLLER[,CONTROLLER]:PATH. Throws invalid for what is no group below the container's. */
export function entryOf(directories: Readonly<Record<string, string>>, choices: readonly string[]): GroupEntry {
  const chosen: Record<string, string> = { ...directories };
  for (const choice of choices) {
    const [, controllers, path = ""] = /^(?:([^:/]*):)?(.*)$/s.exec(choice) ?? [];
    const names = controllers === undefined ? Object.keys(directories) : controllers.split(",");
    for (const name of names) chosen[name] = subgroupOf(directories[name], path, choice);
  }
  const { unified, ...hierarchies } = chosen;
  return {
    joins: [...new Set(Object.values(hierarchies))].map((directory) => joinFile("v1", directory)),
    ...(unified === undefined ? {} : { into: unified }),
  };
}

function subgroupOf(directory: string | undefined, path: string, choice: string): string {
  const below = path.split("/").filter((name) => name !== "" && name !== ".");
  const chosen = [directory, ...below].join("/");
  if (directory !== undefined && !below.includes("..") && existsSync(chosen)) return chosen;
  throw new TsnsError("invalid", "no-such-group", `--cgroup ${choice}: there is no such group below the container's`, {
    hint: "write [CONTROLLER:]PATH of a group that is there, / for the container's own",
  });
}
