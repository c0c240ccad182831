// Which execs run in a container. Each has a monitor of its own, outside the container, that bears the id in its title: it is there as long as
// the exec is, and no longer.
import { listMembers } from "../../kernel/cgroup/process.ts";
import { readProcessFile, readProcessStat } from "../../kernel/proc/stat.ts";
import type { Observation } from "./observe.ts";

/** Title of the monitor of an exec (native/README.md, `title`). */
export const execTitle = (execId: string): string => `exec ${execId}`;

/** Ids of the execs whose command runs, oldest first; one look at /proc for each process but the first. */
export function listExecIds({ record, status, pid }: Observation): readonly string[] {
  if (status !== "running") return [];
  const members = listMembers(record.run?.cgroups ?? {});
  const inside = new Set(members);
  const parents = new Map<number, number>();
  for (const member of members) {
    const stat = member === pid ? undefined : readProcessStat(member);
    // A process of the container's can give itself any title.
    if (stat && !inside.has(stat.parentPid) && !parents.has(stat.parentPid)) parents.set(stat.parentPid, stat.startTicks);
  }
  const found = [...parents].flatMap(([parent, startTicks]) => {
    const title = readProcessFile(parent, "cmdline")?.replace(/\0.*$/s, "") ?? "";
    const id = /^tsns-monitor exec ([0-9a-f]{64})$/.exec(title)?.[1];
    return id === undefined ? [] : [{ id, startTicks }];
  });
  return found.sort((a, b) => a.startTicks - b.startTicks).map(({ id }) => id);
}
