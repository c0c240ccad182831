// Reads groups of any name as they are now: hierarchies, the tree of groups, their files, who is in them. A group that
// vanishes meanwhile is simply not there. What the texts mean is parsed in src/cgroup.
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { isErrno, TsnsError } from "../../base/error.ts";
import type { BranchState, GroupState, LevelState } from "../../cgroup/group-state.ts";
import { ancestorsOf, directoryOf, type Hierarchy, hierarchyOf, membershipIn, parseHierarchies } from "../../cgroup/hierarchy.ts";
import { type GroupTexts, limitFiles } from "../../cgroup/limit-state.ts";
import { type ControllerState, parseControllers } from "../../cgroup/state.ts";
import { parseCgroupMemberships } from "../../namespace/cgroup-owner.ts";
import { readTextIfThere } from "../text-file.ts";

/** Text of a file, or undefined when it, its group or its process is not there (any more), or not ours to read. */
const readText = (path: string): string | undefined =>
  readTextIfThere(path, "ENOENT", "ENODEV", "EOPNOTSUPP", "ESRCH", "EACCES", "EPERM", "EINVAL", "ENOTDIR");

const wordsOf = (text: string | undefined) => (text ?? "").split(/\s+/).filter((word) => word !== "");

/** The mounted hierarchies. Throws `unsupported` when there is none. */
export function readHierarchies(): readonly Hierarchy[] {
  const mountinfo = readFileSync("/proc/self/mountinfo", "utf8");
  const unified = parseHierarchies(mountinfo).find(({ version }) => version === "v2");
  const hierarchies = parseHierarchies(mountinfo, unified ? (readText(`${unified.mountPoint}/cgroup.controllers`) ?? "") : "");
  if (hierarchies.length > 0) return hierarchies;
  throw new TsnsError("unsupported", "no-cgroups", "no cgroup file system is mounted on this host", {
    hint: "mount -t cgroup2 cgroup2 /sys/fs/cgroup",
  });
}

/** /proc/cgroups. */
export function readKnownControllers(): readonly ControllerState[] {
  return parseControllers(readText("/proc/cgroups") ?? "");
}

/** Group to the hierarchies it exists in. */
export type GroupMap = Map<string, Hierarchy[]>;

function note(groups: GroupMap, path: string, hierarchy: Hierarchy): void {
  const known = groups.get(path);
  if (known) known.push(hierarchy);
  else groups.set(path, [hierarchy]);
}

/** A directory of cgroupfs has two links and one for each group below it (kernfs), so that a leaf costs one stat. */
function hasChildren(directory: string): boolean | undefined {
  try {
    return lstatSync(directory).nlink > 2;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENODEV", "EACCES")) return undefined;
    throw error;
  }
}

function walk(hierarchy: Hierarchy, path: string, groups: GroupMap): void {
  const directory = directoryOf(hierarchy, path);
  const deeper = hasChildren(directory);
  if (deeper === undefined) return;
  note(groups, path, hierarchy);
  if (!deeper) return;
  let entries: ReturnType<typeof readEntries>;
  try {
    entries = readEntries(directory);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENODEV", "EACCES")) return;
    throw error;
  }
  for (const entry of entries) if (entry.isDirectory()) walk(hierarchy, path === "/" ? `/${entry.name}` : `${path}/${entry.name}`, groups);
}

const readEntries = (directory: string) => readdirSync(directory, { withFileTypes: true });

/** All groups from `path` on, in every hierarchy, in the order of their names. */
export function walkGroups(hierarchies: readonly Hierarchy[], path: string): GroupMap {
  const groups: GroupMap = new Map();
  for (const hierarchy of hierarchies) walk(hierarchy, path, groups);
  // A parent before its children, siblings by name: "/" sorts before every other character of a name.
  const key = (text: string) => text.replaceAll("/", "\0");
  const keyed = [...groups].map((entry): [string, typeof entry] => [key(entry[0]), entry]);
  keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return new Map(keyed.map(([, entry]) => entry));
}

/** The hierarchies one group exists in. */
export function findIn(hierarchies: readonly Hierarchy[], path: string): readonly Hierarchy[] {
  return hierarchies.filter((hierarchy) => existsSync(directoryOf(hierarchy, path)));
}

/** Processes per group: a process is in each group that any hierarchy puts it in, so it may be in several. Threads are not looked at. */
export function readMembers(hierarchies: readonly Hierarchy[]): ReadonlyMap<string, readonly number[]> {
  const members = new Map<string, number[]>();
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isSafeInteger(pid)) continue;
    for (const path of pathsOf(pid, hierarchies)) {
      const known = members.get(path);
      if (known) known.push(pid);
      else members.set(path, [pid]);
    }
  }
  return members;
}

/** Many processes share their cgroups: each text is parsed once. */
const parsed = new WeakMap<readonly Hierarchy[], Map<string, readonly string[]>>();

function pathsOf(pid: number, hierarchies: readonly Hierarchy[]): readonly string[] {
  const text = readText(`/proc/${pid}/cgroup`);
  if (!text) return [];
  const cache = parsed.get(hierarchies) ?? new Map<string, readonly string[]>();
  parsed.set(hierarchies, cache);
  let paths = cache.get(text);
  if (!paths) {
    const memberships = parseCgroupMemberships(text);
    paths = [...new Set(hierarchies.flatMap((hierarchy) => membershipIn(hierarchy, memberships) ?? []))];
    cache.set(text, paths);
  }
  return paths;
}

/** Where one process is in each hierarchy; undefined when there is no such process. */
export function readPlaces(pid: number, hierarchies: readonly Hierarchy[]) {
  const text = readText(`/proc/${pid}/cgroup`);
  if (text === undefined) return undefined;
  const memberships = parseCgroupMemberships(text);
  return hierarchies.map((hierarchy) => ({ hierarchy, path: membershipIn(hierarchy, memberships) }));
}

/** These files of a group, by name, from whichever hierarchy has the controller their name begins with. */
export function readFiles(hierarchies: readonly Hierarchy[], path: string, files: readonly string[]): GroupTexts {
  const texts = new Map<string, string>();
  for (const file of files) {
    const hierarchy = hierarchyOfFile(hierarchies, file);
    const text = hierarchy && readText(`${directoryOf(hierarchy, path)}/${file}`);
    if (text !== undefined) texts.set(file, text);
  }
  return texts;
}

/** memory.max belongs to memory; cgroup.* files are in each. */
export function hierarchyOfFile(hierarchies: readonly Hierarchy[], file: string): Hierarchy | undefined {
  const controller = file.slice(0, file.indexOf("."));
  // cpu.stat of v2 is there even where cpu is not handed down.
  return (
    hierarchyOf(hierarchies, controller) ??
    hierarchies.find(({ version }) => version === "v2") ??
    (controller === "cgroup" ? hierarchies[0] : undefined)
  );
}

/** All files that hold limits of a group. */
export function readLimitFiles(hierarchies: readonly Hierarchy[], path: string): GroupTexts {
  const files = Object.keys(limitFiles.v1).flatMap((controller) => {
    const version = hierarchyOf(hierarchies, controller)?.version;
    return version ? (limitFiles[version][controller] ?? []) : [];
  });
  return readFiles(hierarchies, path, files);
}

function readLevel(hierarchy: Hierarchy, path: string): LevelState {
  const directory = directoryOf(hierarchy, path);
  if (!existsSync(directory)) return { path, exists: false, controllers: [], enabled: [], busy: false };
  const base = { path, exists: true, controllers: [], enabled: [], busy: false };
  if (hierarchy.version === "v2") {
    return {
      ...base,
      controllers: wordsOf(readText(`${directory}/cgroup.controllers`)),
      enabled: wordsOf(readText(`${directory}/cgroup.subtree_control`)),
      busy: wordsOf(readText(`${directory}/cgroup.procs`)).length > 0,
    };
  }
  if (!hierarchy.controllers.includes("cpuset")) return base;
  return { ...base, cpus: (readText(`${directory}/cpuset.cpus`) ?? "").trim(), mems: (readText(`${directory}/cpuset.mems`) ?? "").trim() };
}

/** The root of v2 has no swap file of its own, so a group below is asked; without one, what the kernel is known to do (always since Linux 6.2). */
function readSwapAccounting(hierarchies: readonly Hierarchy[]): boolean {
  const hierarchy = hierarchyOf(hierarchies, "memory");
  if (!hierarchy) return false;
  if (hierarchy.version === "v1") return existsSync(`${hierarchy.mountPoint}/memory.memsw.limit_in_bytes`);
  const groups = readEntries(hierarchy.mountPoint).filter((entry) => entry.isDirectory());
  const one = groups.find(({ name }) => existsSync(`${hierarchy.mountPoint}/${name}/memory.max`));
  return existsSync(one ? `${hierarchy.mountPoint}/${one.name}/memory.swap.max` : "/proc/swaps");
}

/** A group, there or not, with all levels above it. */
export function readGroupState(hierarchies: readonly Hierarchy[], path: string): GroupState {
  const branches = hierarchies.map(
    (hierarchy): BranchState => ({
      hierarchy,
      levels: (path === "/" ? ["/"] : [...ancestorsOf(path), path]).map((level) => readLevel(hierarchy, level)),
    }),
  );
  return { path, branches, known: readKnownControllers(), swapAccounting: readSwapAccounting(hierarchies) };
}
