// The groups of an OCI container: what this host has is read, what is to be made is planned, made in order, and known to the journal before.
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { KernelError, TsnsError } from "../../base/error.ts";
import { ancestorsOf, directoryOf, type Hierarchy, modeOf, parentOf } from "../../cgroup/hierarchy.ts";
import type { CgroupMounts } from "../../container/sandbox-mount.ts";
import { readHierarchies } from "../../kernel/cgroup/observe.ts";
import { performGroupStep } from "../../kernel/cgroup/perform.ts";
import { countProcesses } from "../../kernel/cgroup/process.ts";
import { isHostRoot } from "../../kernel/proc/privilege.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import type { Step } from "../../plan/step.ts";
import type { RuntimeResources } from "../../runtime/config/resource.ts";
import type { RuntimeConfig } from "../../runtime/config/type.ts";
import { groupPathOf } from "../../runtime/group/path.ts";
import { type LevelStep, planRuntimeGroups } from "../../runtime/group/plan.ts";
import { firstLimit } from "../../runtime/group/update.ts";
import type { GroupEntry } from "../../runtime/plan/place.ts";
import type { RuntimeScope } from "../../runtime/record.ts";
import { refuseFile, refuseFrozen, refuseUnusable } from "./group-check.ts";
import { groupIn, isRootless, mayMake, readFacts, readGroupFiles } from "./group-fact.ts";
import type { Runtime } from "./runtime.ts";

export interface DesignedGroups {
  /** As in `RuntimeGroups`. */
  readonly directories: Readonly<Record<string, string>>;
  readonly entry: GroupEntry;
  readonly cgroupMounts: CgroupMounts;
  /** What `delete` does, as operations of native/oci-delete.c. */
  readonly undo: readonly (readonly string[])[];
  readonly warnings: readonly string[];
  /** Throws conflict for groups that others are in, where systemd does not see to that, and for frozen ones. */
  check(): void;
  /** The limits that `make` writes, as far as that is known before there are groups. */
  limits(): readonly PlannedStep[];
  /** Throws KernelError; what was made until then is undone by `undo`. */
  make(): void;
  /** Whose unit they are, where systemd makes them. */
  readonly scope?: RuntimeScope;
  /** Who is in its groups from `make` on, a child of this process; undefined: nobody. */
  readonly placeholder?: () => number | undefined;
  /** To be called when the first process is in its groups: afterwards nobody else is. */
  readonly release?: () => void;
}

/** Changes nothing. Throws TsnsError for what this host cannot keep. */
export function designGroups(runtime: Runtime, config: RuntimeConfig, id: string): DesignedGroups {
  const above = isRootless(runtime) ? delegated(readHierarchies()) : "/";
  const designed = designGroupsAt(runtime, config, groupPathOf(config.linux.cgroupsPath, id, above));
  return { ...designed, check: () => refuseUnusable(designed.directories) };
}

/** `path`: below the root of each hierarchy. Throws as `designGroups`. */
export function designGroupsAt(runtime: Runtime, { linux }: RuntimeConfig, path: string): DesignedGroups {
  const mounted = readHierarchies();
  const rootless = isRootless(runtime);
  const hierarchies = rootless ? usable(mounted, path) : mounted;
  const hasNamespace = linux.namespaces.some(({ type }) => type === "cgroup");
  const cgroupMounts = viewOf(mounted, hierarchies, path, hasNamespace);
  if (hierarchies.length === 0) return withoutGroups(linux.resources, cgroupMounts, path);
  for (const hierarchy of hierarchies) refuseFile([...ancestorsOf(path), path].map((level) => directoryOf(hierarchy, level)));
  const { resources } = linux;
  const planned = planRuntimeGroups(
    { path, resources, controlsDevices: runtime.rootless === "false" || isHostRoot() },
    readFacts(hierarchies, path),
  );
  return {
    directories: planned.directories,
    entry: planned.entry,
    cgroupMounts,
    undo: ownOf(planned.directories).map((directory) => ["rmdir-tree", directory]),
    warnings: planned.warnings,
    check: () => refuseFrozen(planned.directories),
    limits: () => planned.limits({}),
    make() {
      for (const level of planned.levels) makeLevel(level);
      for (const { step } of planned.limits(readGroupFiles(planned.directories))) performGroupStep(step);
    },
  };
}

/** The kernel takes all words of a file or none. */
function makeLevel({ step, isOptional }: LevelStep): void {
  if (!isOptional || step.kind !== "cgroup.write") performGroupStep(step);
  else if (!takes(step)) for (const value of step.value.split(" ")) takes({ ...step, value });
}

function takes(step: Step): boolean {
  try {
    performGroupStep(step);
    return true;
  } catch (error) {
    if (error instanceof KernelError) return false;
    throw error;
  }
}

/** A group that somebody runs in is not the container's own: neither it nor they go with it. */
const ownOf = (directories: Readonly<Record<string, string>>): readonly string[] =>
  [...new Set(Object.values(directories))].filter((directory) => !existsSync(directory) || countProcesses(directory) === 0);

/** v2: beside the group this process is in, which alone may be this user's. */
function delegated(mounted: readonly Hierarchy[]): string {
  const [hierarchy] = mounted;
  const own = hierarchy && modeOf(mounted) === "v2" ? groupIn(hierarchy, "self") : undefined;
  return own === undefined ? "/" : parentOf(own);
}

/** Who is not root may have no group to make one in. That of v2 beside v1 is none of its own. */
function usable(mounted: readonly Hierarchy[], path: string): readonly Hierarchy[] {
  const found = mounted.filter((hierarchy) => mayMake(hierarchy, path));
  return modeOf(mounted) === "hybrid" && found.every(({ version }) => version === "v2") ? [] : found;
}

/** Then the container has none, unless it is to be limited. */
function withoutGroups(resources: RuntimeResources, cgroupMounts: CgroupMounts, path: string): DesignedGroups {
  const limit = firstLimit(resources);
  if (limit === undefined)
    return { directories: {}, entry: { joins: [] }, cgroupMounts, undo: [], warnings: [], check() {}, limits: () => [], make() {} };
  throw new TsnsError("unsupported", "no-group-to-limit", `${limit} cannot be kept: this user may not make the group ${path}`, {
    hint: "leave the limit out, or have root delegate a group and name one below it as linux.cgroupsPath",
  });
}

/** What a mount of type cgroup shows: with a namespace of its own the container's groups are its roots, without one they are bound. */
function viewOf(mounted: readonly Hierarchy[], made: readonly Hierarchy[], path: string, hasNamespace: boolean): CgroupMounts {
  if (modeOf(mounted) === "v2") return { version: 2 };
  const shown = made.filter(({ version }) => version === "v1");
  return {
    version: 1,
    hierarchies: shown.map((hierarchy) => ({
      name: basename(hierarchy.mountPoint),
      options: hierarchy.controllers.join(","),
      ...(hasNamespace ? {} : { source: directoryOf(hierarchy, path) }),
    })),
  };
}
