// A group as it was found, there or not, in every hierarchy; where a new one would be made, and what a limit lacks. Pure;
// src/kernel/cgroup/observe.ts reads it.
import { TsnsError } from "../base/error.ts";
import { type Hierarchy, hierarchyOf } from "./hierarchy.ts";
import { type LimitSpec, limitWords, wordsOf } from "./limit.ts";
import type { ControllerState } from "./state.ts";

/** A group in one hierarchy, the root among them. */
export interface LevelState {
  readonly path: string;
  readonly exists: boolean;
  /** v2: cgroup.controllers and cgroup.subtree_control; empty on v1 and where it does not exist. */
  readonly controllers: readonly string[];
  readonly enabled: readonly string[];
  /** v2: whether processes live in this very group. */
  readonly busy: boolean;
  /** v1 cpuset: what a child has to copy. */
  readonly cpus?: string;
  readonly mems?: string;
}

/** A logical group in one hierarchy: every level from the root down to itself. */
export interface BranchState {
  readonly hierarchy: Hierarchy;
  readonly levels: readonly LevelState[];
}

export interface GroupState {
  readonly path: string;
  /** One per hierarchy that is mounted. */
  readonly branches: readonly BranchState[];
  /** /proc/cgroups, read only to explain a missing controller. */
  readonly known: readonly ControllerState[];
  readonly swapAccounting: boolean;
}

/** Whether the group itself is there. */
export const existsIn = (branch: BranchState) => branch.levels.at(-1)?.exists ?? false;

/** The hierarchies a group exists in. */
export function presentIn(state: GroupState): readonly Hierarchy[] {
  return state.branches.filter(existsIn).map(({ hierarchy }) => hierarchy);
}

/**
 * Where groups are made: every v1 hierarchy with controllers, and v2 unless all it could offer is on v1 already. Named
 * hierarchies (systemd's own book-keeping) are left alone. `wanted`: only those of these controllers.
 */
export function choosePlaces(hierarchies: readonly Hierarchy[], wanted: readonly string[] = []): readonly Hierarchy[] {
  const usable = hierarchies.filter(({ controllers }) => controllers.some((name) => !name.startsWith("name=")));
  const places = usable.length > 0 ? usable : hierarchies.filter(({ version }) => version === "v2");
  return wanted.length === 0 ? places : places.filter((one) => wanted.some((name) => hierarchyOf([one], name)));
}

/** Why a controller is not there and how to get it: one clause. */
export function explainMissing(controller: string, known: readonly ControllerState[]): string {
  const state = known.find(({ name }) => name === controller || (controller === "io" && name === "blkio"));
  if (!state) return "this kernel was built without it: boot one that has it";
  if (!state.enabled) return `the kernel has it switched off: take cgroup_disable=${controller} off its command line and boot again`;
  if (state.hierarchy !== 0) return "it is in a hierarchy that is not mounted here: mount it below /sys/fs/cgroup";
  return `the kernel has it: mount -t cgroup -o ${controller} ${controller} /sys/fs/cgroup/${controller} (after mkdir)`;
}

/** Throws `unsupported` for the first limit whose controller `hierarchies` lack. */
export function requireControllers(
  limits: LimitSpec,
  hierarchies: readonly Hierarchy[],
  state: Pick<GroupState, "known" | "swapAccounting">,
): void {
  const unified = hierarchies.some(({ version }) => version === "v2");
  const legacy = hierarchies.some(({ version }) => version === "v1");
  for (const word of wordsOf(limits)) {
    const controller = limitWords[word];
    // v2 alone has no devices controller but BPF programs.
    const offered = word === "devices" ? hierarchyOf(hierarchies, "devices") || (unified && !legacy) : hierarchyOf(hierarchies, controller);
    if (!offered) {
      throw new TsnsError(
        "unsupported",
        "cgroup-controller-missing",
        `${word} needs the cgroup controller ${controller}, which is not available here`,
        {
          hint: explainMissing(controller, state.known),
        },
      );
    }
    if (word === "memory-swap" && !state.swapAccounting && (limits.memorySwapBytes ?? -1) >= 0) {
      throw new TsnsError("unsupported", "no-swap-accounting", "memory-swap needs swap accounting, which this kernel has switched off", {
        hint: "boot with swapaccount=1 on the kernel's command line",
      });
    }
  }
}
