// The groups of a container in every hierarchy: made, limited, and how its process gets into them. One path, the same below each root. Pure.
import type { Hierarchy } from "../../cgroup/hierarchy.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import type { RuntimeResources } from "../config/resource.ts";
import type { GroupEntry } from "../plan/place.ts";
import { planLegacy } from "./plan-legacy.ts";
import { planUnified } from "./plan-unified.ts";
import type { GroupFiles } from "./setting.ts";
import type { MissingLevels } from "./step.ts";

export type CpusetFile = "cpus" | "mems";

/** What the host has; src/engine/runtime/group-fact.ts reads it. */
export interface GroupFacts {
  /** Those that the container gets a group in, v1 first. */
  readonly hierarchies: readonly Hierarchy[];
  readonly missing: MissingLevels;
  /** v1: cpuset.cpus and cpuset.mems of the nearest group that has some. */
  readonly cpuset?: { readonly cpus: string; readonly mems: string };
  /** v1: files of cpusets that are there and empty, by logical path, outermost first. */
  readonly emptyCpusets?: Readonly<Record<string, readonly CpusetFile[]>>;
  /** v2: controllers that each group above hands down, by its logical path. */
  readonly handed: Readonly<Record<string, readonly string[]>>;
  /** v2: groups above that can hand down no more than they do, by logical path: processes are in them, or they are not this user's. */
  readonly closed: Readonly<Record<string, "busy" | "foreign">>;
}

export interface LevelStep extends PlannedStep {
  /** Of its words each that the kernel refuses is done without. */
  readonly isOptional?: boolean;
}

export interface RuntimeGroups {
  readonly levels: readonly LevelStep[];
  /** What is written when all levels are there, and it is known what files they have. */
  limits(files: GroupFiles): readonly PlannedStep[];
  /** By controller or name (v1), under "unified" (v2 alone), under "v2" beside v1. */
  readonly directories: Readonly<Record<string, string>>;
  readonly entry: GroupEntry;
  readonly warnings: readonly string[];
}

export interface GroupRequest {
  /** Of `groupPathOf`. */
  readonly path: string;
  readonly resources: RuntimeResources;
  /**
   * Access to devices as in the configuration, then to those every container has. Without privileges on the host nobody may say which, and none but
   * the host's own nodes can be used.
   */
  readonly controlsDevices: boolean;
}

/** v2 alone, or the hierarchies of v1: where there are both, controllers are on v1. */
const isUnified = (hierarchies: readonly Hierarchy[]): boolean => hierarchies.every(({ version }) => version === "v2");

/** Throws TsnsError unsupported for a limit whose controller is not there, invalid for limits that contradict each other. */
export const planRuntimeGroups = (request: GroupRequest, facts: GroupFacts): RuntimeGroups =>
  isUnified(facts.hierarchies) ? planUnified(request, facts) : planLegacy(request, facts);
