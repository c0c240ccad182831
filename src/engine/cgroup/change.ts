// Groups made, changed, joined, frozen, ended and removed: looked at first, planned, carried out, undone when a step fails.
import { statSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import { parseCpuList } from "../../cgroup/cpuset.ts";
import { planCreate, planSet } from "../../cgroup/group-plan.ts";
import { explainMissing } from "../../cgroup/group-state.ts";
import { directoryOf, hierarchyOf, isWithin, parseGroupPath } from "../../cgroup/hierarchy.ts";
import type { LimitSpec } from "../../cgroup/limit.ts";
import { planFreeze, planJoin, planKill, planRemove, sigkill } from "../../cgroup/member-plan.ts";
import {
  findIn,
  hierarchyOfFile,
  readFiles,
  readGroupState,
  readHierarchies,
  readKnownControllers,
  readLimitFiles,
  readMembers,
  readPlaces,
  walkGroups,
} from "../../kernel/cgroup/observe.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import type { Engine } from "../engine.ts";
import { applyWhole } from "../undo.ts";
import { deviceNumber } from "./block-device.ts";
import { type FoundGroup, findGroup } from "./find.ts";
import { refuseForeign, refuseInside, refuseMembers, refuseOwn, refuseRoot } from "./guard.ts";

/** Devices as major:minor. Throws not-found, invalid. */
function resolveDevices(limits: LimitSpec): LimitSpec {
  if (!limits.io) return limits;
  const io = limits.io.map((limit) => ({ ...limit, device: deviceNumber(limit.device) }));
  return { ...limits, io };
}

/** Values of the kernel's own files, written as they are. */
export type RawSettings = ReadonlyMap<string, string>;

export interface Settings {
  readonly limits: LimitSpec;
  readonly raw: RawSettings;
}

/** CPUs and memory nodes that do not exist are a clear error, not the kernel's EINVAL. */
function checkLists(limits: LimitSpec): void {
  for (const [what, text] of [
    ["cpuset-cpus", limits.cpusetCpus],
    ["cpuset-mems", limits.cpusetMems],
  ] as const) {
    if (text === undefined || (parseCpuList(text)?.length ?? 0) > 0) continue;
    throw new TsnsError("invalid", "bad-list", `invalid ${what} "${text}"`, { hint: "write a list such as 0-2,4" });
  }
}

function rawSteps(group: FoundGroup, raw: RawSettings): readonly PlannedStep[] {
  return [...raw].map(([file, value]): PlannedStep => {
    const hierarchy = hierarchyOfFile(group.present, file);
    const controller = file.slice(0, file.indexOf("."));
    if (!hierarchy) {
      throw new TsnsError(
        "unsupported",
        "cgroup-controller-missing",
        `${file} needs the cgroup controller ${controller}, which ${group.path} does not have`,
        {
          hint: explainMissing(controller, readKnownControllers()),
        },
      );
    }
    const path = `${directoryOf(hierarchy, group.path)}/${file}`;
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) {
      throw new TsnsError("not-found", "no-such-file", `cgroup ${group.path} has no file ${file}`, {
        hint: `look at ${directoryOf(hierarchy, group.path)}`,
      });
    }
    const before = readFiles([hierarchy], group.path, [file]).get(file)?.trim();
    return {
      step: { kind: "cgroup.write", path, value },
      because: "the kernel's own file",
      // Of files with several records the old text is not one write.
      ...(before === undefined || before.includes("\n") ? {} : { undo: { kind: "cgroup.write", path, value: before } }),
    };
  });
}

/** Makes a group, parents too, with its limits. Throws conflict when it is there. */
export async function createGroup(
  engine: Engine,
  reference: string,
  limits: LimitSpec,
  controllers: readonly string[],
  force: boolean,
): Promise<string> {
  checkLists(limits);
  const hierarchies = readHierarchies();
  const path = parseGroupPath(reference, hierarchies);
  refuseRoot(path, "create");
  refuseInside(engine, path, "create", force);
  const present = findIn(hierarchies, path);
  if (present.length > 0) refuseForeign(engine, { path, hierarchies, present }, "create", force);
  const state = readGroupState(hierarchies, path);
  await applyWhole(engine, { steps: planCreate(state, resolveDevices(limits), controllers, readLimitFiles(present, path)) });
  return path;
}

export async function setLimits(engine: Engine, reference: string, { limits, raw }: Settings, force: boolean): Promise<void> {
  checkLists(limits);
  const group = findGroup(engine, reference);
  refuseRoot(group.path, "set limits of");
  refuseForeign(engine, group, "change", force);
  const state = readGroupState(group.hierarchies, group.path);
  const planned = planSet(state, resolveDevices(limits), readLimitFiles(group.present, group.path));
  await applyWhole(engine, { steps: [...rawSteps(group, raw), ...planned] });
}

/** Moves processes. All are looked at before any is moved. */
export async function addProcesses(engine: Engine, reference: string, pids: readonly number[], force: boolean): Promise<void> {
  const group = findGroup(engine, reference);
  const processes = pids.map((pid) => {
    const places = readPlaces(pid, group.hierarchies);
    if (!places) throw new TsnsError("not-found", "no-such-process", `no process ${pid}`, { hint: "list processes: ps -e" });
    return { pid, places };
  });
  refuseInside(engine, group.path, "add processes to", force);
  refuseMembers(engine, pids, force);
  await applyWhole(engine, { steps: planJoin(group.path, group.present, processes) });
}

export async function freezeGroup(engine: Engine, reference: string, frozen: boolean, force: boolean): Promise<void> {
  const group = findGroup(engine, reference);
  const doing = frozen ? "freeze" : "thaw";
  refuseRoot(group.path, doing);
  if (frozen) refuseOwn(group, doing);
  refuseForeign(engine, group, doing, force);
  await applyWhole(engine, { steps: planFreeze(group.path, group.present, frozen, readKnownControllers()) });
}

export async function killGroup(engine: Engine, reference: string, signal: number, force: boolean): Promise<void> {
  const group = findGroup(engine, reference);
  refuseRoot(group.path, "kill");
  refuseOwn(group, "kill");
  refuseForeign(engine, group, "kill", force);
  await applyWhole(engine, { steps: planKill(group.path, group.present, signal) });
}

export interface RemoveOptions {
  /** Groups below it too. */
  readonly recursive: boolean;
  /** Ends what runs in it; and foreign containers are no obstacle. */
  readonly force: boolean;
}

/** Removes a group from every hierarchy. Throws conflict when something is in it; then nothing has been removed. */
export async function removeGroup(engine: Engine, reference: string, { recursive, force }: RemoveOptions): Promise<void> {
  const group = findGroup(engine, reference);
  refuseRoot(group.path, "remove");
  refuseOwn(group, "remove");
  refuseForeign(engine, group, "remove", force);
  const groups = walkGroups(group.hierarchies, group.path);
  const below = [...groups.keys()].filter((path) => path !== group.path);
  if (below.length > 0 && !recursive) {
    throw new TsnsError("conflict", "group-has-children", `cgroup ${group.path} has ${below.length} below it, ${below[0]} for one`, {
      hint: "--recursive removes them too",
    });
  }
  const pids = busyIn(group);
  if (pids.length > 0 && !force) {
    const some = `${pids.slice(0, 8).join(", ")}${pids.length > 8 ? " ..." : ""}`;
    throw new TsnsError("conflict", "group-busy", `cgroup ${group.path} has processes: ${some}`, { hint: "--force ends them first" });
  }
  const innermostFirst = [...groups].reverse().map(([path, hierarchies]) => ({ path, hierarchies }));
  await applyWhole(engine, {
    steps: [...(pids.length > 0 ? planKill(group.path, group.present, sigkill) : []), ...planRemove(innermostFirst)],
  });
}

function busyIn(group: FoundGroup): readonly number[] {
  const pids = [...readMembers(group.hierarchies)].flatMap(([path, list]) => (isWithin(path, group.path) ? list : []));
  return [...new Set(pids)].sort((a, b) => a - b);
}

/** One of the kernel's own files of a group. Throws not-found. */
export function readGroupFile(engine: Engine, reference: string, file: string): string {
  const group = findGroup(engine, reference);
  const hierarchy = hierarchyOfFile(group.present, file) ?? hierarchyOf(group.present, file);
  const text = hierarchy && /^[\w.]+$/.test(file) ? readFiles([hierarchy], group.path, [file]).get(file) : undefined;
  if (text !== undefined) return text.replace(/\n$/, "");
  throw new TsnsError("not-found", "no-such-file", `cgroup ${group.path} has no value ${file}`, {
    hint: `see what it has: tsns cgroup get ${group.path}`,
  });
}
