// One group with everything the kernel tells of it: limits, use, events, processes and whom they belong to.
import { directoryOf, type Hierarchy, hierarchyOf, isWithin, parentOf } from "../../cgroup/hierarchy.ts";
import type { LimitSpec } from "../../cgroup/limit.ts";
import { eventFiles, filesFor, type GroupEvents, type GroupUsage, parseGroupEvents } from "../../cgroup/view.ts";
import { readFiles, readMembers, walkGroups } from "../../kernel/cgroup/observe.ts";
import { readFreezer } from "../../kernel/cgroup/process.ts";
import { listProcesses } from "../../kernel/proc/process.ts";
import type { Owner } from "../../namespace/owner.ts";
import type { Engine } from "../engine.ts";
import { openOwners } from "../owner.ts";
import { findGroup } from "./find.ts";
import { namesOf, readGroupUsage, readLimits } from "./list.ts";

export interface GroupProcess {
  readonly pid: number;
  /** The group below the one shown that it is in, or the group itself. */
  readonly group: string;
  readonly user: string;
  readonly command: string;
  readonly owner: Owner | undefined;
}

export interface GroupView {
  readonly path: string;
  readonly owner: Owner | undefined;
  readonly controllers: readonly string[];
  /** Directory per hierarchy, by its controllers' names. */
  readonly directories: Readonly<Record<string, string>>;
  readonly frozen: boolean;
  readonly limits: LimitSpec;
  readonly usage: GroupUsage;
  readonly events: GroupEvents;
  /** Groups right below it. */
  readonly children: readonly string[];
  /** Of this group and those below. */
  readonly processes: readonly GroupProcess[];
}

function readFrozen(present: readonly Hierarchy[], path: string): boolean {
  const freezer = hierarchyOf(present, "freezer");
  const unified = present.find(({ version }) => version === "v2");
  if (freezer) return path !== "/" && readFreezer({ freezer: directoryOf(freezer, path) }) === "frozen";
  return unified !== undefined && path !== "/" && readFreezer({ unified: directoryOf(unified, path) }) === "frozen";
}

/** Throws not-found. */
export function showGroup(engine: Engine, reference: string): GroupView {
  const { path, hierarchies, present } = findGroup(engine, reference);
  const owners = openOwners(engine);
  const inside = new Map<number, string>();
  for (const [group, pids] of readMembers(hierarchies)) {
    if (!isWithin(group, path)) continue;
    // In several, the deepest is told.
    for (const pid of pids) if ((inside.get(pid)?.length ?? 0) <= group.length) inside.set(pid, group);
  }
  const processes = listProcesses([...inside.keys()].sort((a, b) => a - b)).map((one) => ({
    pid: one.pid,
    group: inside.get(one.pid) ?? path,
    user: one.user,
    command: one.args.join(" ") || `[${one.comm}]`,
    owner: owners.ofPid(one.pid),
  }));
  return {
    path,
    owner: owners.ofCgroup(path),
    controllers: namesOf(present),
    directories: Object.fromEntries(
      present.map((one) => [one.version === "v2" ? "v2" : one.controllers.join(","), directoryOf(one, path)]),
    ),
    frozen: readFrozen(present, path),
    limits: readLimits(present, path),
    usage: readGroupUsage(present, path),
    events: parseGroupEvents(readFiles(present, path, filesFor(eventFiles, present))),
    children: [...walkGroups(hierarchies, path).keys()].filter((one) => one !== path && parentOf(one) === path),
    processes,
  };
}
