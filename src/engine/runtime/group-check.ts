// Groups that no container can have: others run in them, their processes stand still, or they are no groups. Changes nothing.
import { existsSync, lstatSync } from "node:fs";
import { dirname } from "node:path";
import { TsnsError } from "../../base/error.ts";
import { readCgroupFile } from "../../kernel/cgroup/file.ts";
import { countProcesses, listPids } from "../../kernel/cgroup/process.ts";

/** As in `RuntimeGroups`. */
type Directories = Readonly<Record<string, string>>;

const another = "name another group as linux.cgroupsPath";

/** Throws conflict for groups that a container may not be made in. */
export function refuseUnusable(directories: Directories): void {
  for (const directory of new Set(Object.values(directories))) refuseInhabited(directory);
  refuseFrozen(directories);
}

/** Whose process is cloned into a group that is frozen, or below one, waits for it for ever. */
export function refuseFrozen(directories: Directories): void {
  const found = frozenGroup(directories);
  if (found === undefined) return;
  throw new TsnsError("conflict", "group-frozen", `container's cgroup unexpectedly frozen: ${found}`, {
    hint: `thaw it (tsns cgroup thaw), or ${another}`,
  });
}

/**
 * The group that freezes the processes of these, which need not be there yet: the outermost, since to thaw one below it helps nobody. On a hybrid
 * host that of v2 does as well as that of the freezer.
 */
export function frozenGroup({ freezer, unified, v2 }: Directories): string | undefined {
  const found = [freezer, unified, v2].map((directory) => directory && nearest(directory).findLast(isFrozen));
  return found.find((directory) => directory !== undefined && directory !== "");
}

/** The group and all above it, as far as they are there. */
function nearest(directory: string): readonly string[] {
  if (directory === dirname(directory)) return [];
  if (existsSync(directory) && !existsSync(`${directory}/cgroup.procs`)) return [];
  return [...(existsSync(directory) ? [directory] : []), ...nearest(dirname(directory))];
}

/** v1 says FREEZING as long as somebody still moves. v2 tells of all above in `cgroup.events`, and of nobody yet who still moves. */
function isFrozen(directory: string): boolean {
  const state = readCgroupFile(`${directory}/freezer.state`);
  if (state !== undefined) return state.trim() !== "THAWED";
  if (readCgroupFile(`${directory}/cgroup.freeze`)?.trim() === "1") return true;
  return /^frozen 1$/m.test(readCgroupFile(`${directory}/cgroup.events`) ?? "");
}

/** A container's id may be the name of a file in the root group. `levels`: directories from the root to the group. Throws conflict. */
export function refuseFile(levels: readonly string[]): void {
  const file = levels.find((level) => lstatSync(level, { throwIfNoEntry: false })?.isDirectory() === false);
  if (file === undefined) return;
  throw new TsnsError("conflict", "no-group-name", `container's cgroup cannot be made: ${file} is a file of the kernel's`, {
    hint: another,
  });
}

/** Limits, signals and the end of the container would be theirs too. Who has put the caller into a group shares it with the container on purpose. */
function refuseInhabited(directory: string): void {
  const count = existsSync(directory) ? countProcesses(directory) : 0;
  if (count === 0 || listPids(directory).includes(process.pid)) return;
  throw new TsnsError("conflict", "group-in-use", `container's cgroup is not empty: ${count} process(es) found in ${directory}`, {
    hint: `end them, or ${another}`,
  });
}
