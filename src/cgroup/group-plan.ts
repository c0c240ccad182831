// Plans for groups themselves: made with their limits before any process can be in them, changed, joined, removed, frozen, ended.
// Pure: what is there now comes in as GroupState (src/kernel/cgroup/observe.ts reads it).
import { TsnsError } from "../base/error.ts";
import type { PlannedStep } from "../plan/plan.ts";
import { directoryOf, type Hierarchy, hierarchyOf } from "./hierarchy.ts";
import { type LimitSpec, limitWords, wordsOf } from "./limit.ts";
import { planLimits } from "./limit-plan.ts";
import type { GroupTexts } from "./limit-state.ts";
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

const existsIn = (branch: BranchState) => branch.levels.at(-1)?.exists ?? false;

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

/** What v2 hands down without being asked, for accounting; as containers get it. */
const usualControllers = ["memory", "cpu", "pids", "io"];

/**
 * v2: every level above the new group hands down what it needs. Never undone: other groups may rely on it by then. A group with
 * processes of its own cannot hand down; then only what a limit needs is asked for, and the kernel's refusal is the answer.
 */
function handDown(branch: BranchState, needed: readonly string[]): readonly PlannedStep[] {
  const { hierarchy, levels } = branch;
  return levels.slice(0, -1).flatMap((level, depth) => {
    const offers = level.exists ? level.controllers : hierarchy.controllers;
    const wanted = level.busy && depth > 0 ? needed : [...new Set([...needed, ...usualControllers])];
    const missing = wanted.filter((name) => hierarchy.controllers.includes(name) && offers.includes(name) && !level.enabled.includes(name));
    if (missing.length === 0) return [];
    const path = `${directoryOf(hierarchy, level.path)}/cgroup.subtree_control`;
    const value = missing.map((name) => `+${name}`).join(" ");
    return [{ step: { kind: "cgroup.write", path, value }, because: `${level.path} must hand its controllers down` } as const];
  });
}

/** v1: a new cpuset is empty and lets nobody in (cpuset(7)), so each new level copies the one above. */
function cpusetCopies(branch: BranchState, level: LevelState, skip: LimitSpec): readonly PlannedStep[] {
  const last = level === branch.levels.at(-1);
  const source = branch.levels.findLast((one) => one.exists);
  const directory = directoryOf(branch.hierarchy, level.path);
  const copy = (file: string, value: string | undefined): PlannedStep[] =>
    value
      ? [
          {
            step: { kind: "cgroup.write", path: `${directory}/${file}`, value },
            because: "copied from above: a new cpuset is empty and lets nobody in",
          },
        ]
      : [];
  return [
    ...(last && skip.cpusetCpus !== undefined ? [] : copy("cpuset.cpus", source?.cpus)),
    ...(last && skip.cpusetMems !== undefined ? [] : copy("cpuset.mems", source?.mems)),
  ];
}

function creationSteps(branch: BranchState, limits: LimitSpec, needed: readonly string[]): readonly PlannedStep[] {
  const { hierarchy, levels } = branch;
  const steps: PlannedStep[] = [];
  for (const level of levels) {
    if (level.exists) continue;
    const path = directoryOf(hierarchy, level.path);
    const names = hierarchy.version === "v2" ? "v2" : hierarchy.controllers.join(",");
    steps.push({ step: { kind: "cgroup.make", path }, because: `the group in hierarchy ${names}`, undo: { kind: "cgroup.delete", path } });
    if (hierarchy.version === "v1" && hierarchy.controllers.includes("cpuset")) steps.push(...cpusetCopies(branch, level, limits));
  }
  if (hierarchy.version === "v1") return steps;
  // Before the level below is made, or its files would come a step later; both orders are right for the kernel.
  return [...interleave(handDown(branch, needed), steps)];
}

/** Each level's hand-down goes after that level is made. */
function interleave(downs: readonly PlannedStep[], makes: readonly PlannedStep[]): readonly PlannedStep[] {
  const made = new Map(makes.map((planned) => [planned.step.kind === "cgroup.make" ? planned.step.path : "", planned]));
  const order: PlannedStep[] = [];
  for (const down of downs) {
    const directory = down.step.kind === "cgroup.write" ? down.step.path.replace(/\/cgroup\.subtree_control$/, "") : "";
    for (const [path, make] of made) {
      if (!`${directory}/`.startsWith(`${path}/`)) continue;
      order.push(make);
      made.delete(path);
    }
    order.push(down);
  }
  return [...order, ...made.values()];
}

/** v2's names of the controllers these limits need. */
function neededUnified(limits: LimitSpec): readonly string[] {
  const names = wordsOf(limits).flatMap((word) => (word === "devices" ? [] : [limitWords[word] === "blkio" ? "io" : limitWords[word]]));
  return [...new Set<string>(names)];
}

/**
 * A new group in every chosen hierarchy, parents too, with its limits, before any process can join.
 * Throws `conflict` when it exists in all of them, `unsupported`, or `invalid`.
 */
export function planCreate(state: GroupState, limits: LimitSpec, wanted: readonly string[] = []): readonly PlannedStep[] {
  const hierarchies = state.branches.map(({ hierarchy }) => hierarchy);
  for (const name of wanted) {
    if (hierarchyOf(hierarchies, name)) continue;
    throw new TsnsError("unsupported", "cgroup-controller-missing", `no cgroup controller ${name} is mounted here`, {
      hint: explainMissing(name, state.known),
    });
  }
  const places = choosePlaces(hierarchies, wanted);
  requireControllers(limits, places, state);
  const branches = state.branches.filter(({ hierarchy }) => places.includes(hierarchy));
  if (branches.length > 0 && branches.every(existsIn)) {
    throw new TsnsError("conflict", "group-exists", `cgroup ${state.path} exists already`, {
      hint: `change it: tsns cgroup set ${state.path} memory=1g`,
    });
  }
  const needed = neededUnified(limits);
  const creations = branches.flatMap((branch) => creationSteps(branch, limits, needed));
  return [...creations, ...planLimits(places, state.path, limits, new Map())];
}

/** Other limits for a group that is there. Throws `unsupported` when it lacks the controller, `invalid`. */
export function planSet(state: GroupState, limits: LimitSpec, texts: GroupTexts): readonly PlannedStep[] {
  const places = presentIn(state);
  requireControllers(limits, places, state);
  const needed = neededUnified(limits);
  const downs = state.branches.flatMap((branch) =>
    branch.hierarchy.version === "v2" && existsIn(branch) ? handDownOnly(branch, needed) : [],
  );
  return [...downs, ...planLimits(places, state.path, limits, texts)];
}

/** Only what a limit needs: an existing group is changed no more than asked for. */
function handDownOnly(branch: BranchState, needed: readonly string[]): readonly PlannedStep[] {
  if (needed.length === 0) return [];
  const all = branch.levels.map((level) => ({ ...level, busy: true }));
  const [root, ...rest] = all;
  const narrowed = root
    ? [{ ...root, enabled: [...root.enabled, ...usualControllers.filter((name) => !needed.includes(name))] }, ...rest]
    : [];
  return handDown({ ...branch, levels: narrowed }, needed);
}

/** Where a process is now: path per hierarchy, for the way back. */
export interface ProcessPlace {
  readonly pid: number;
  readonly places: readonly { readonly hierarchy: Hierarchy; readonly path: string | undefined }[];
}

/** Moves processes into a group, in every hierarchy that has it, named ones left alone. */
export function planJoin(path: string, hierarchies: readonly Hierarchy[], processes: readonly ProcessPlace[]): readonly PlannedStep[] {
  return processes.flatMap(({ pid, places }) =>
    choosePlaces(hierarchies).map((hierarchy): PlannedStep => {
      const before = places.find((one) => one.hierarchy === hierarchy)?.path;
      const file = (group: string) => `${directoryOf(hierarchy, group)}/cgroup.procs`;
      return {
        step: { kind: "cgroup.join", path: file(path), pid },
        because: `process ${pid} leaves ${before ?? "its group"} for ${path}`,
        ...(before === undefined ? {} : { undo: { kind: "cgroup.join", path: file(before), pid } }),
      };
    }),
  );
}

/** v2 freezes by itself, v1 needs its freezer. Throws `unsupported`. */
export function planFreeze(
  path: string,
  hierarchies: readonly Hierarchy[],
  frozen: boolean,
  known: readonly ControllerState[],
): readonly PlannedStep[] {
  const legacy = hierarchyOf(hierarchies, "freezer");
  const hierarchy = legacy ?? hierarchies.find(({ version }) => version === "v2");
  if (!hierarchy) {
    throw new TsnsError("unsupported", "cgroup-controller-missing", `cgroup ${path} has no freezer`, {
      hint: explainMissing("freezer", known),
    });
  }
  const directory = directoryOf(hierarchy, path);
  const step = (to: boolean) => ({ kind: "cgroup.freeze", directory, version: hierarchy.version, frozen: to }) as const;
  const because = frozen ? "its processes stand still where they are" : "its processes go on";
  return [{ step: step(frozen), because, undo: step(!frozen) }];
}

export const sigkill = 9;

/** SIGKILL reaches everybody, any other signal those that are there now. */
export function planKill(path: string, hierarchies: readonly Hierarchy[], signal: number): readonly PlannedStep[] {
  const directories = hierarchies.map((hierarchy) => directoryOf(hierarchy, path));
  if (signal !== sigkill)
    return [{ step: { kind: "cgroup.signal", directories, signal }, because: `signal ${signal} to each process in it` }];
  const unified = hierarchies.find(({ version }) => version === "v2");
  const freezer = hierarchyOf(hierarchies, "freezer");
  return [
    {
      step: {
        kind: "cgroup.kill",
        directories,
        ...(unified && hierarchies.length === 1 ? { unified: directoryOf(unified, path) } : {}),
        ...(freezer ? { freezer: directoryOf(freezer, path) } : {}),
      },
      because: freezer ? "held still while they are listed, so that no fork escapes" : "the kernel misses nobody",
    },
  ];
}

/** Removal of groups, each in every hierarchy that has it; `groups` innermost first. */
export function planRemove(
  groups: readonly { readonly path: string; readonly hierarchies: readonly Hierarchy[] }[],
): readonly PlannedStep[] {
  return groups.flatMap(({ path, hierarchies }) =>
    hierarchies.map(
      (hierarchy): PlannedStep => ({
        step: { kind: "cgroup.delete", path: directoryOf(hierarchy, path) },
        because: hierarchy.version === "v2" ? "an empty group" : `an empty group of ${hierarchy.controllers.join(",")}`,
      }),
    ),
  );
}
