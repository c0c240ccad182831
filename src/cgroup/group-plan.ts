// Plans for groups themselves: made with their limits before any process can be in them, and changed. Pure; what is there now
// comes in as GroupState. What is done to processes is in member-plan.ts.
import { TsnsError } from "../base/error.ts";
import type { PlannedStep } from "../plan/plan.ts";
import {
  type BranchState,
  choosePlaces,
  existsIn,
  explainMissing,
  type GroupState,
  type LevelState,
  presentIn,
  requireControllers,
} from "./group-state.ts";
import { directoryOf, hierarchyOf } from "./hierarchy.ts";
import { type LimitSpec, limitWords, wordsOf } from "./limit.ts";
import { planLimits } from "./limit-plan.ts";
import type { GroupTexts } from "./limit-state.ts";

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
 * A new group in every chosen hierarchy, parents too, with its limits, before any process can join. `texts`: files of the
 * hierarchies it exists in already.
 * Throws `conflict` when it exists in all of them, `unsupported`, or `invalid`.
 */
export function planCreate(
  state: GroupState,
  limits: LimitSpec,
  wanted: readonly string[] = [],
  texts: GroupTexts = new Map(),
): readonly PlannedStep[] {
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
  return [...creations, ...planLimits(places, state.path, limits, texts)];
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
