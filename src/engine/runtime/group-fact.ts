// What planning the groups of an OCI container needs to know of this host. Changes nothing.
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { ancestorsOf, directoryOf, type Hierarchy, membershipIn } from "../../cgroup/hierarchy.ts";
import { readCgroupFile } from "../../kernel/cgroup/file.ts";
import { isHostRoot } from "../../kernel/proc/privilege.ts";
import { readTextIfThere } from "../../kernel/text-file.ts";
import { parseCgroupMemberships } from "../../namespace/cgroup-owner.ts";
import type { CpusetFile, GroupFacts } from "../../runtime/group/plan.ts";
import type { GroupFiles } from "../../runtime/group/setting.ts";
import type { Runtime } from "./runtime.ts";

/** Groups that may not be made are done without. */
export const isRootless = ({ rootless }: Runtime): boolean => rootless === "true" || (rootless === "auto" && !isHostRoot());

/** A process's group in a hierarchy, if that is mounted so that it can be seen. */
export const groupIn = (hierarchy: Hierarchy, pid: number | "self"): string | undefined =>
  membershipIn(hierarchy, parseCgroupMemberships(readTextIfThere(`/proc/${pid}/cgroup`, "ENOENT", "ESRCH") ?? ""));

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether this user may make the group and let a process of his own in: on v2 that takes the group above both too (cgroups(7), delegation). */
export function mayMake(hierarchy: Hierarchy, path: string): boolean {
  const nearest = [...ancestorsOf(path), path].findLast((level) => existsSync(directoryOf(hierarchy, level))) ?? "/";
  if (!isWritable(directoryOf(hierarchy, nearest))) return false;
  if (hierarchy.version === "v1") return true;
  const own = groupIn(hierarchy, "self");
  const common = [...ancestorsOf(path), path].findLast((level) => own === level || own?.startsWith(level === "/" ? level : `${level}/`));
  return common !== undefined && isWritable(`${directoryOf(hierarchy, common)}/cgroup.procs`);
}

const wordsOf = (text: string | undefined): readonly string[] => (text ?? "").split(/\s+/).filter((word) => word !== "");

export function readFacts(hierarchies: readonly Hierarchy[], path: string): GroupFacts {
  const levels = [...ancestorsOf(path).slice(1), path];
  const missing = Object.fromEntries(
    hierarchies.map((hierarchy) => {
      const first = levels.findIndex((level) => !existsSync(directoryOf(hierarchy, level)));
      return [hierarchy.mountPoint, first < 0 ? [] : levels.slice(first)];
    }),
  );
  const cpuset = hierarchies.find(({ version, controllers }) => version === "v1" && controllers.includes("cpuset"));
  const unified = hierarchies.every(({ version }) => version === "v2") ? hierarchies[0] : undefined;
  const read = (hierarchy: Hierarchy, level: string, file: string) =>
    readCgroupFile(`${directoryOf(hierarchy, level)}/${file}`)?.trim() ?? "";
  return {
    hierarchies,
    missing,
    ...(cpuset
      ? readCpusets(
          cpuset,
          [...ancestorsOf(path), path].filter((level) => !missing[cpuset.mountPoint]?.includes(level)),
        )
      : {}),
    handed: unified
      ? Object.fromEntries(ancestorsOf(path).map((level) => [level, wordsOf(read(unified, level, "cgroup.subtree_control"))]))
      : {},
    closed: unified ? readClosed(unified, path) : {},
  };
}

/** `levels`: those that are there, from the root. Below an empty one all are empty. */
function readCpusets(hierarchy: Hierarchy, levels: readonly string[]): Pick<GroupFacts, "cpuset" | "emptyCpusets"> {
  const read = (level: string, name: CpusetFile) => readCgroupFile(`${directoryOf(hierarchy, level)}/cpuset.${name}`)?.trim() ?? "";
  const found = levels.map((level) => ({ level, cpus: read(level, "cpus"), mems: read(level, "mems") }));
  const last = (name: CpusetFile) => found.findLast((one) => one[name] !== "")?.[name] ?? "";
  const empty = found.map(
    ({ level, ...own }) => [level, (["cpus", "mems"] as const).filter((name) => own[name] === "" && last(name) !== "")] as const,
  );
  return {
    cpuset: { cpus: last("cpus"), mems: last("mems") },
    emptyCpusets: Object.fromEntries(empty.filter(([, names]) => names.length > 0)),
  };
}

/** The root of all has processes and hands down nevertheless; it alone has no cgroup.type. */
function readClosed(hierarchy: Hierarchy, path: string): GroupFacts["closed"] {
  const found = ancestorsOf(path).flatMap((level): [string, "busy" | "foreign"][] => {
    const directory = directoryOf(hierarchy, level);
    if (!existsSync(directory)) return [];
    if (!isWritable(`${directory}/cgroup.subtree_control`)) return [[level, "foreign"]];
    const isBusy = existsSync(`${directory}/cgroup.type`) && wordsOf(readCgroupFile(`${directory}/cgroup.procs`)).length > 0;
    return isBusy ? [[level, "busy"]] : [];
  });
  return Object.fromEntries(found);
}

/** Files of groups, by controller (v1) or under "unified" (v2); nothing is known of what is not there yet. */
export function readGroupFiles(directories: Readonly<Record<string, string>>): GroupFiles {
  const { unified, blkio, hugetlb, memory, cpu } = directories;
  if (!Object.values(directories).every((directory) => existsSync(directory))) return {};
  const weights = unified === undefined ? ["blkio.weight", "blkio.bfq.weight"] : ["io.bfq.weight", "io.weight"];
  const weightFile = weights.find((file) => existsSync(`${unified ?? blkio}/${file}`));
  const pages = unified ?? hugetlb;
  const reserved = (pages === undefined ? [] : readdirSync(pages)).flatMap(
    (name) => /^hugetlb\.(\w+)\.rsvd\.(max|limit_in_bytes)$/.exec(name)?.[1] ?? [],
  );
  const swapFile = unified === undefined ? `${memory}/memory.memsw.limit_in_bytes` : `${unified}/memory.swap.max`;
  const burstFile = unified === undefined ? `${cpu}/cpu.cfs_burst_us` : `${unified}/cpu.max.burst`;
  return { ...(weightFile === undefined ? {} : { weightFile }), reserved, hasSwap: existsSync(swapFile), hasBurst: existsSync(burstFile) };
}
