// The groups of an OCI container: what this host has is read, what is to be made is planned, made in order, and known to the journal before.
import { accessSync, constants, existsSync } from "node:fs";
import { basename } from "node:path";
import { TsnsError } from "../../base/error.ts";
import { ancestorsOf, directoryOf, type Hierarchy } from "../../cgroup/hierarchy.ts";
import type { CgroupMounts } from "../../container/sandbox-mount.ts";
import { readCgroupFile } from "../../kernel/cgroup/file.ts";
import { readHierarchies } from "../../kernel/cgroup/observe.ts";
import { performGroupStep } from "../../kernel/cgroup/perform.ts";
import { listPids } from "../../kernel/cgroup/process.ts";
import type { RuntimeResources } from "../../runtime/config/resource.ts";
import type { RuntimeConfig } from "../../runtime/config/type.ts";
import { groupPathOf } from "../../runtime/group/path.ts";
import { type GroupFacts, type GroupNow, planGroupUpdate, planRuntimeGroups } from "../../runtime/group/plan.ts";
import type { GroupEntry } from "../../runtime/plan/place.ts";
import type { Runtime } from "./runtime.ts";

export interface DesignedGroups {
  /** By controller (v1), under "unified" (v2). */
  readonly directories: Readonly<Record<string, string>>;
  readonly entry: GroupEntry;
  readonly cgroupMounts: CgroupMounts;
  /** What `delete` does, as operations of native/oci-delete.c. */
  readonly undo: readonly (readonly string[])[];
  readonly warnings: readonly string[];
  /** Throws KernelError; what was made until then is undone by `undo`. */
  make(): void;
}

/** Changes nothing. Throws TsnsError for what this host cannot keep. */
export function designGroups(runtime: Runtime, { linux }: RuntimeConfig, id: string): DesignedGroups {
  if (runtime.systemdCgroup) {
    throw new TsnsError("unsupported", "systemd-cgroup", "--systemd-cgroup: groups are not made through systemd here", {
      hint: "leave it out and give linux.cgroupsPath as a path; podman: --cgroup-manager cgroupfs, docker: native.cgroupdriver=cgroupfs",
    });
  }
  const path = groupPathOf(linux.cgroupsPath, id);
  const hierarchies = usable(runtime, readHierarchies(), path);
  const hasNamespace = linux.namespaces.some(({ type }) => type === "cgroup");
  if (hierarchies.length === 0)
    return { directories: {}, entry: { joins: [] }, cgroupMounts: { version: 2 }, undo: [], warnings: [], make() {} };
  const facts = readFacts(hierarchies, path);
  const planned = planRuntimeGroups({ path, resources: linux.resources, withDefaultDevices: true }, facts);
  return {
    directories: planned.directories,
    entry: planned.entry,
    cgroupMounts: viewOf(hierarchies, path, hasNamespace),
    undo: ownOf(planned.directories).map((directory) => ["rmdir-tree", directory]),
    warnings: planned.warnings,
    make() {
      for (const { step } of planned.steps) performGroupStep(step);
    },
  };
}

/** A group that somebody runs in is not the container's own: neither it nor they go with it. */
const ownOf = (directories: Readonly<Record<string, string>>): readonly string[] =>
  [...new Set(Object.values(directories))].filter((directory) => !existsSync(directory) || listPids(directory).length === 0);

/** Who is not root may have no group to make one in: then the container has none, unless it is to be limited. */
function usable(runtime: Runtime, hierarchies: readonly Hierarchy[], path: string): readonly Hierarchy[] {
  const chosen = hierarchies.some(({ version }) => version === "v1") ? hierarchies.filter(({ version }) => version === "v1") : hierarchies;
  const isRootless = runtime.rootless === "true" || (runtime.rootless === "auto" && process.geteuid?.() !== 0);
  return isRootless ? chosen.filter((hierarchy) => mayMake(hierarchy, path)) : chosen;
}

function mayMake(hierarchy: Hierarchy, path: string): boolean {
  const nearest = [...ancestorsOf(path), path].findLast((level) => existsSync(directoryOf(hierarchy, level))) ?? "/";
  try {
    accessSync(directoryOf(hierarchy, nearest), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

const wordsOf = (text: string | undefined): readonly string[] => (text ?? "").split(/\s+/).filter((word) => word !== "");

function readFacts(hierarchies: readonly Hierarchy[], path: string): GroupFacts {
  const levels = [...ancestorsOf(path).slice(1), path];
  const missing = Object.fromEntries(
    hierarchies.map((hierarchy) => {
      const first = levels.findIndex((level) => !existsSync(directoryOf(hierarchy, level)));
      return [hierarchy.mountPoint, first < 0 ? [] : levels.slice(first)];
    }),
  );
  const nearestOf = (hierarchy: Hierarchy) => levels.findLast((level) => !missing[hierarchy.mountPoint]?.includes(level)) ?? "/";
  const cpuset = hierarchies.find(({ version, controllers }) => version === "v1" && controllers.includes("cpuset"));
  const unified = hierarchies.find(({ version }) => version === "v2");
  const read = (hierarchy: Hierarchy, level: string, file: string) =>
    readCgroupFile(`${directoryOf(hierarchy, level)}/${file}`)?.trim() ?? "";
  return {
    hierarchies,
    missing,
    ...(cpuset
      ? { cpuset: { cpus: read(cpuset, nearestOf(cpuset), "cpuset.cpus"), mems: read(cpuset, nearestOf(cpuset), "cpuset.mems") } }
      : {}),
    handed: unified
      ? Object.fromEntries(ancestorsOf(path).map((level) => [level, wordsOf(read(unified, level, "cgroup.subtree_control"))]))
      : {},
  };
}

/** What a mount of type cgroup shows: with a namespace of its own the container's groups are its roots, without one they are bound. */
function viewOf(hierarchies: readonly Hierarchy[], path: string, hasNamespace: boolean): CgroupMounts {
  if (hierarchies.every(({ version }) => version === "v2")) return { version: 2 };
  return {
    version: 1,
    hierarchies: hierarchies.map((hierarchy) => ({
      name: basename(hierarchy.mountPoint),
      options: hierarchy.controllers.join(","),
      ...(hasNamespace ? {} : { source: directoryOf(hierarchy, path) }),
    })),
  };
}

const numberIn = (text: string | undefined): bigint | undefined => (/^\d+$/.test(text ?? "") ? BigInt(text ?? "") : undefined);

function readNow(directories: Readonly<Record<string, string>>): GroupNow {
  const { unified, memory } = directories;
  const read = (directory: string | undefined, file: string) =>
    directory === undefined ? undefined : readCgroupFile(`${directory}/${file}`)?.trim();
  const [quota, period] = wordsOf(read(unified, "cpu.max")).map(numberIn);
  const swapLimit = numberIn(read(memory, "memory.memsw.limit_in_bytes"));
  const memoryLimit = numberIn(read(unified, "memory.max"));
  return {
    legacy: swapLimit === undefined ? {} : { swapLimit },
    unified: {
      ...(memoryLimit === undefined ? {} : { memoryLimit }),
      ...(quota === undefined ? {} : { cpuQuota: quota }),
      ...(period === undefined ? {} : { cpuPeriod: period }),
    },
  };
}

/**
 * `update`: sets limits of a container's groups. One that fails leaves those before it as they are set, as the kernel took them. Throws TsnsError,
 * KernelError; conflict when a memory limit is below what is used and that was to be checked.
 */
export function updateGroups(runtime: Runtime, directories: Readonly<Record<string, string>>, resources: RuntimeResources): void {
  refuseSmallMemory(directories, resources);
  const { steps, warnings } = planGroupUpdate(directories, resources, readNow(directories));
  for (const warning of warnings) runtime.warn(warning);
  for (const { step } of steps) performGroupStep(step);
}

function refuseSmallMemory({ unified, memory }: Readonly<Record<string, string>>, { memory: wanted }: RuntimeResources): void {
  if (!wanted?.checkBeforeUpdate || wanted.limit === undefined || wanted.limit < 0n) return;
  const used = numberIn(readCgroupFile(unified === undefined ? `${memory}/memory.usage_in_bytes` : `${unified}/memory.current`)?.trim());
  if (used === undefined || used <= wanted.limit) return;
  throw new TsnsError("conflict", "memory-in-use", `memory limit ${wanted.limit} is below the ${used} bytes that are used now`, {
    hint: "give more, or leave memory.checkBeforeUpdate out",
  });
}
