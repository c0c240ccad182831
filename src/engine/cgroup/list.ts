// Groups with what lists show of them. Files are read when a column asks for them: a tree of names reads none.
import { type Hierarchy, isWithin } from "../../cgroup/hierarchy.ts";
import type { LimitSpec } from "../../cgroup/limit.ts";
import { parseLimits } from "../../cgroup/limit-state.ts";
import { filesFor, type GroupRow, type GroupUsage, parseGroupUsage, usageFiles } from "../../cgroup/view.ts";
import { readFiles, readLimitFiles, readMembers, walkGroups } from "../../kernel/cgroup/observe.ts";
import type { Engine } from "../engine.ts";
import { type Owners, openOwners } from "../owner.ts";
import { findGroup } from "./find.ts";

/** v1 controllers and names, and "v2" for the unified hierarchy. */
export function namesOf(hierarchies: readonly Hierarchy[]): readonly string[] {
  return hierarchies.flatMap(({ version, controllers }) => (version === "v2" ? ["v2"] : controllers));
}

export function readLimits(hierarchies: readonly Hierarchy[], path: string): LimitSpec {
  const legacy = hierarchies.filter(({ version }) => version === "v1");
  const unified = hierarchies.filter(({ version }) => version === "v2");
  return {
    ...(unified.length > 0 ? parseLimits("v2", readLimitFiles(unified, path)) : {}),
    ...(legacy.length > 0 ? parseLimits("v1", readLimitFiles(legacy, path)) : {}),
  };
}

export function readGroupUsage(hierarchies: readonly Hierarchy[], path: string): GroupUsage {
  return parseGroupUsage(readFiles(hierarchies, path, filesFor(usageFiles, hierarchies)));
}

function makeRow(path: string, present: readonly Hierarchy[], pids: readonly number[], owners: () => Owners): GroupRow {
  let usage: GroupUsage | undefined;
  let limits: LimitSpec | undefined;
  return {
    path,
    controllers: namesOf(present),
    pids,
    get owner() {
      return owners().ofCgroup(path);
    },
    get usage() {
      usage ??= readGroupUsage(present, path);
      return usage;
    },
    get limits() {
      limits ??= readLimits(present, path);
      return limits;
    },
  };
}

export interface ListOptions {
  /** Groups without processes, in themselves and below, are left out. */
  readonly onlyBusy?: boolean;
  /** How many levels below the first group. */
  readonly depth?: number;
}

/** The group of `reference` and all below it; all groups without one. Throws not-found. */
export function listGroups(engine: Engine, reference = "/", options: ListOptions = {}): readonly GroupRow[] {
  const { path: top, hierarchies } = findGroup(engine, reference);
  const groups = walkGroups(hierarchies, top);
  const members = readMembers(hierarchies);
  let opened: Owners | undefined;
  const owners = () => {
    opened ??= openOwners(engine);
    return opened;
  };
  const base = top === "/" ? 0 : top.split("/").length - 1;
  const deepest = base + (options.depth ?? Number.POSITIVE_INFINITY);
  const depthOf = (path: string) => (path === "/" ? 0 : path.split("/").length - 1);
  const busy = options.onlyBusy ? busyPaths(members) : undefined;
  return [...groups]
    .filter(([path]) => depthOf(path) <= deepest && (busy === undefined || path === top || busy.has(path)))
    .map(([path, present]) => makeRow(path, present, members.get(path) ?? [], owners));
}

/** Groups with processes and all groups above them. */
function busyPaths(members: ReadonlyMap<string, readonly number[]>): ReadonlySet<string> {
  const busy = new Set<string>(["/"]);
  for (const path of members.keys()) {
    for (let at = path; at !== "" && !busy.has(at); at = at.slice(0, at.lastIndexOf("/"))) busy.add(at);
  }
  return busy;
}

/** The processes of a group and those below it. */
export function membersWithin(hierarchies: readonly Hierarchy[], path: string): readonly number[] {
  const pids = new Set<number>();
  for (const [group, list] of readMembers(hierarchies)) if (isWithin(group, path)) for (const pid of list) pids.add(pid);
  return [...pids].sort((a, b) => a - b);
}
