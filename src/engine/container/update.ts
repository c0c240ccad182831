// Use case: other limits for a container, live where it runs, and for its next starts.
import { TsnsError } from "../../base/error.ts";
import type { ResourceSpec } from "../../cgroup/spec.ts";
import type { ContainerRecord, RunRecord } from "../../container/record.ts";
import { noRestarts, type RestartPolicy, restartWhen } from "../../container/restart.ts";
import type { ContainerSpec } from "../../container/spec.ts";
import { readCgroupFile } from "../../kernel/cgroup/file.ts";
import { listMembers, readFreezer } from "../../kernel/cgroup/process.ts";
import { type PlannedStep, undoOf } from "../../plan/plan.ts";
import type { CgroupWrite } from "../../plan/step/cgroup.ts";
import type { Step } from "../../plan/step.ts";
import { getContainer, updateContainerSpec, updateContainerState } from "../../store/container-record.ts";
import { readJournal, writeJournal } from "../../store/journal.ts";
import { freeingTransaction, freeingWrite } from "../../store/reserve.ts";
import type { Engine } from "../engine.ts";
import { releaseLock, takeLock } from "../lock.ts";
import { carryOut } from "../undo.ts";
import { findBegun } from "./begun.ts";
import { containerDirectory } from "./directory.ts";
import { recordContainerEvent } from "./event.ts";
import { planOwnGroups } from "./group.ts";
import { observeContainer } from "./observe.ts";
import { freezeStep } from "./pause.ts";

/** Only what is to change; a limit of -1 is taken away. */
export interface UpdateRequest {
  readonly resources: Partial<Omit<ResourceSpec, "devices" | "deviceRules">>;
  readonly restart?: RestartPolicy;
}

/** Throws not-found, invalid for limits that contradict those it has, unsupported for what this host cannot limit. */
export async function updateContainer(engine: Engine, reference: string, request: UpdateRequest): Promise<void> {
  const found = findBegun(engine, reference);
  const merged = mergeRestart(mergeLimits(found, request), request);
  const { steps: limits, cgroups } = planUpdate(engine, found, merged);
  const steps = [...limits, ...(request.restart ? restartSteps(engine, found, merged) : [])];
  const record: PlannedStep = { step: { kind: "record.put", container: found.id, name: found.name }, because: "kept for its next starts" };
  if (engine.show({ steps: [...steps, record] })) return;
  freeingTransaction(engine.store, engine.root, () => takeLock(engine, found.id, "update", `container ${found.name}`));
  try {
    if (steps.length > 0) await carryOut(engine, { steps });
    freeingTransaction(engine.store, engine.root, () => {
      const now = getContainer(engine.store, found.id) ?? found;
      updateContainerSpec(engine.store, found.id, merged);
      if (!now.run || cgroups === undefined) return;
      updateContainerState(engine.store, found.id, { ...now, run: { ...now.run, cgroups } });
      const made = undoOf({ steps: steps.filter(({ step }) => step.kind === "cgroup.create") });
      writeJournal(engine.store, found.id, [...made, ...(readJournal(engine.store, found.id) ?? [])]);
    });
  } finally {
    freeingWrite(engine.root, () => releaseLock(engine, found.id));
  }
  recordContainerEvent(engine, { ...found, spec: merged }, "update");
}

function conflicting(message: string, hint: string): TsnsError {
  return new TsnsError("invalid", "bad-update", message, { hint });
}

function mergeRestart(spec: ContainerSpec, { restart }: UpdateRequest): ContainerSpec {
  if (!restart) return spec;
  if (!spec.autoRemove || restart.policy === "no") return { ...spec, restart };
  throw conflicting("Restart policy cannot be updated because AutoRemove is enabled for the container", "it goes when it ends");
}

/** Its monitor asks the file at the end of the run. */
function restartSteps(engine: Engine, record: ContainerRecord, { restart }: ContainerSpec): PlannedStep[] {
  if (record.spec.autoRemove || observeContainer(engine, record).status !== "running") return [];
  const path = `${containerDirectory(engine.root, record.id).path}/restart`;
  const text = `${restartWhen(restart, record.run?.restarts ?? noRestarts)}\n`;
  return [{ step: { kind: "file.write", path, text, mode: 0o600 }, because: "its monitor goes by it when this run ends" }];
}

/** The spec with the changes, by docker's rules for what contradicts what is set already. */
function mergeLimits({ spec }: ContainerRecord, { resources: changes }: UpdateRequest): ContainerSpec {
  const { resources: old } = spec;
  const ceiling = swapLimitOf(old);
  if ((changes.memoryBytes ?? 0) > ceiling && changes.memorySwapBytes === undefined) {
    throw conflicting(
      "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time",
      `give --memory-swap too: it is ${ceiling} bytes now`,
    );
  }
  refuseMixedCpus(old, changes);
  // What was meant as twice the memory limit stays what it was when only the memory limit changes.
  const keepSwap = changes.memoryBytes !== undefined && changes.memorySwapBytes === undefined && Number.isFinite(ceiling);
  const resources: ResourceSpec = { ...old, ...(keepSwap ? { memorySwapBytes: ceiling } : {}), ...changes };
  return { ...spec, resources };
}

/** What limits memory and swap together; infinite for none. */
function swapLimitOf({ memoryBytes = 0, memorySwapBytes = 0 }: ResourceSpec): number {
  if (memorySwapBytes > 0) return memorySwapBytes;
  return memorySwapBytes === 0 && memoryBytes > 0 ? memoryBytes * 2 : Number.POSITIVE_INFINITY;
}

/** A number of CPUs is a quota and a period: one way of saying it at a time. */
function refuseMixedCpus(old: ResourceSpec, changes: UpdateRequest["resources"]): void {
  const hadCpus = (old.nanoCpus ?? 0) > 0;
  const pairs: readonly (readonly [boolean, string, string])[] = [
    [(changes.nanoCpus ?? 0) > 0 && !hadCpus && (old.cpuPeriodMicros ?? 0) > 0, "Nano CPUs", "CPU Period"],
    [(changes.nanoCpus ?? 0) > 0 && !hadCpus && (old.cpuQuotaMicros ?? 0) > 0, "Nano CPUs", "CPU Quota"],
    [changes.nanoCpus === undefined && changes.cpuPeriodMicros !== undefined && hadCpus, "CPU Period", "NanoCPUs"],
    [changes.nanoCpus === undefined && changes.cpuQuotaMicros !== undefined && hadCpus, "CPU Quota", "NanoCPUs"],
  ];
  const wrong = pairs.find(([isWrong]) => isWrong);
  if (!wrong) return;
  const [, what, set] = wrong;
  throw conflicting(
    `Conflicting options: ${what} cannot be updated as ${set} has already been set`,
    set === "NanoCPUs" ? "change it with --cpus" : "change it with --cpu-period and --cpu-quota",
  );
}

interface LiveUpdate {
  readonly steps: readonly PlannedStep[];
  /** Directories of the run, where that has changed. */
  readonly cgroups?: RunRecord["cgroups"];
}

/** What changes in the kernel; nothing for a container that has no process. The plan of a start is what its groups are to be like. */
function planUpdate(engine: Engine, record: ContainerRecord, { resources }: ContainerSpec): LiveUpdate {
  const { planned, layout } = planOwnGroups(record, resources);
  const cgroups = record.run?.cgroups;
  if (!cgroups || observeContainer(engine, record).status !== "running") return { steps: [] };
  const own = new Set(Object.values(cgroups));
  const writes = planned.plan.steps.flatMap((one) => (isLimitOf(one.step, own) ? changeOf(one.step, one.because) : []));
  const steps = orderMemory([...writes, ...liftedLimits(cgroups, record.spec.resources, resources)]);
  const { cpuset } = planned.directories;
  if (cpuset === undefined || own.has(cpuset)) return { steps };
  // With the levels above it that are missing, if it has a parent.
  const hierarchy = `${layout.controllers.cpuset}/`;
  const made = planned.plan.steps.filter(({ step }) => "path" in step && `${step.path}/`.startsWith(hierarchy));
  return { steps: [...steps, ...joinSteps(record, made, cpuset)], cgroups: { ...cgroups, cpuset } };
}

/** The device list is no limit of `update`. */
function isLimitOf(step: Step, directories: ReadonlySet<string>): step is CgroupWrite {
  if (step.kind !== "cgroup.write") return false;
  const at = step.path.lastIndexOf("/");
  const file = step.path.slice(at + 1);
  return file === "cgroup.subtree_control" || (directories.has(step.path.slice(0, at)) && !file.startsWith("devices."));
}

/** Nothing where the file says so already; else the write, and the one that takes it back. */
function changeOf({ path, value }: Pick<CgroupWrite, "path" | "value">, because: string): PlannedStep[] {
  const before = readCgroupFile(path)?.trim();
  if (before === value) return [];
  const step = { kind: "cgroup.write", path, value } as const;
  // Of a file with several records, or one that takes words, the old text is not one write.
  const isOne = before !== undefined && !before.includes("\n") && !path.endsWith("cgroup.subtree_control");
  return [{ step, because, ...(isOne ? { undo: { ...step, value: before } } : {}) }];
}

/** A new group has no limit, so that its plan does not say so; one that had a limit is told. */
function liftedLimits(cgroups: RunRecord["cgroups"], old: ResourceSpec, now: ResourceSpec): PlannedStep[] {
  const { unified } = cgroups;
  const file = (controller: string, legacy: string, name: string) =>
    unified === undefined ? cgroups[controller] && `${cgroups[controller]}/${legacy}` : `${unified}/${name}`;
  const swap = file("memory", "memory.memsw.limit_in_bytes", "memory.swap.max");
  const pids = file("pids", "pids.max", "pids.max");
  return [
    ...(swap && now.memorySwapBytes === -1 && old.memorySwapBytes !== -1
      ? changeOf({ path: swap, value: unified === undefined ? "-1" : "max" }, "no limit of memory and swap together")
      : []),
    ...(pids && (now.pidsLimit ?? 0) <= 0 && (old.pidsLimit ?? 0) > 0
      ? changeOf({ path: pids, value: "max" }, "no limit of processes")
      : []),
  ];
}

/** v1 keeps limit_in_bytes <= memsw.limit_in_bytes at every moment (cgroup-v1/memory.rst): what rises does so first where it is memsw. */
function orderMemory(steps: readonly PlannedStep[]): readonly PlannedStep[] {
  const swap = steps.find(({ step }) => step.kind === "cgroup.write" && step.path.endsWith("/memory.memsw.limit_in_bytes"));
  if (swap?.step.kind !== "cgroup.write" || swap.undo?.kind !== "cgroup.write") return steps;
  const rises = swap.step.value === "-1" || Number(swap.step.value) > Number(swap.undo.value);
  return rises ? [swap, ...steps.filter((one) => one !== swap)] : steps;
}

/** v1: a container that was not pinned has no group of its own for that; its processes stand still while they move into one. */
function joinSteps(record: ContainerRecord, made: readonly PlannedStep[], directory: string): PlannedStep[] {
  const { name } = record;
  const [freeze, thaw] = [freezeStep(record, true), freezeStep(record, false)];
  const isFrozen = readFreezer(record.run?.cgroups ?? {}) === "frozen";
  const parent = `${directory.slice(0, directory.lastIndexOf("/"))}/cgroup.procs`;
  const joins = listMembers(record.run?.cgroups ?? {}).map((pid): PlannedStep => {
    const step = { kind: "cgroup.join", path: `${directory}/cgroup.procs`, pid } as const;
    return { step, because: `process ${pid} of ${name} is pinned`, undo: { ...step, path: parent } };
  });
  if (!freeze || !thaw || isFrozen) return [...made, ...joins];
  return [
    { step: freeze, because: "no process begins while they are moved", undo: thaw },
    ...made,
    ...joins,
    { step: thaw, because: "they go on" },
  ];
}
