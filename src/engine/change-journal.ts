// The journal of a change of several steps: what undoes the steps that were made, so that `tsns doctor` can take back a change whose
// command was killed between them. Says who made it and which namespaces the steps named. Knows nothing of how steps are performed.
import { TsnsError } from "../base/error.ts";
import { readBootId } from "../kernel/proc/host.ts";
import { isRunning, type ProcessIdentity, readStartTime } from "../kernel/proc/identity.ts";
import { readNamespaceInode } from "../kernel/proc/namespace.ts";
import { readNamespaceFile } from "../kernel/proc/namespace-file.ts";
import { type Plan, type PlannedStep, undoOf } from "../plan/plan.ts";
import type { Step } from "../plan/step.ts";
import { deleteJournal, listJournalOwners, readJournal, writeJournal } from "../store/journal.ts";
import { type Engine, labelOf } from "./engine.ts";

/** What the owner's name in the journal says: paths and pids mean something else once their process has gone. */
export interface ChangeMaker extends ProcessIdentity {
  /** boot_id. */
  readonly boot: string;
  /** The first step, for people. */
  readonly what: string;
  /** Inodes of the namespaces that the steps name; "net" and "mnt": the command's own. */
  readonly namespaces: Readonly<Record<string, number>>;
  /** Start times of the processes that the steps name. */
  readonly processes: Readonly<Record<string, number>>;
}

export const changePrefix = "change:";

export const parseChangeOwner = (owner: string): ChangeMaker => JSON.parse(owner.slice(changePrefix.length)) as ChangeMaker;

/** Namespace files that a step names, besides its command's own. */
export function namespacesOf(step: Step): readonly string[] {
  return [
    ...("namespace" in step && step.namespace !== undefined ? [step.namespace] : []),
    ...("namespacePath" in step && step.namespacePath !== undefined ? [step.namespacePath] : []),
    ...(step.kind === "link.move" && step.target !== undefined ? [step.target] : []),
  ];
}

function makerOf(engine: Engine, plan: Plan): ChangeMaker {
  const namespaces: Record<string, number> = { net: readNamespaceInode("self", "net") ?? 0, mnt: readNamespaceInode("self", "mnt") ?? 0 };
  const processes: Record<string, number> = {};
  for (const step of undoOf(plan)) {
    for (const path of namespacesOf(step)) namespaces[path] ??= readNamespaceFile(path)?.inode ?? 0;
    if (step.kind === "cgroup.join") processes[step.pid] ??= readStartTime(step.pid) ?? 0;
  }
  return { ...engine.self, boot: readBootId(), what: labelOf(plan.steps[0]?.step), namespaces, processes };
}

export interface ChangeJournal {
  /** Before a step is made. */
  begin(planned: PlannedStep): void;
  /** After the last one, or when all were undone. */
  end(): void;
}

const noJournal: ChangeJournal = { begin() {}, end() {} };

/** None for a change that one step of the kernel makes or that cannot be undone: it is made or not. */
export function openChangeJournal(engine: Engine, plan: Plan): ChangeJournal {
  const undos = undoOf(plan);
  const isWhole = plan.steps.length < 2 && !undos.some(({ kind }) => kind === "tree.restore");
  if (isWhole || undos.length === 0) return noJournal;
  const owner = `${changePrefix}${JSON.stringify(makerOf(engine, plan))}`;
  const undo: Step[] = [];
  let isOpen = true;
  return {
    begin({ undo: step }) {
      if (!step || !isOpen) return;
      undo.unshift(step);
      isOpen = tryWrite(engine, () => {
        supersede(engine, step);
        writeJournal(engine.store, owner, undo);
      });
    },
    end() {
      if (isOpen && undo.length > 0) deleteJournal(engine.store, owner);
    },
  };
}

/**
 * Whoever makes anew what a killed command had made has taken that away before: from now on it is this command's, and no older journal
 * may undo it.
 */
function supersede(engine: Engine, step: Step): void {
  const text = JSON.stringify(step);
  for (const owner of listJournalOwners(engine.store)) {
    if (!owner.startsWith(changePrefix) || isAtWork(parseChangeOwner(owner))) continue;
    const before = readJournal(engine.store, owner) ?? [];
    const rest = before.filter((other) => JSON.stringify(other) !== text);
    if (rest.length === 0) deleteJournal(engine.store, owner);
    else if (rest.length < before.length) writeJournal(engine.store, owner, rest);
  }
}

/** Whether the command still runs. */
export const isAtWork = (maker: ChangeMaker): boolean => maker.boot === readBootId() && isRunning(maker);

/** A change is not refused for want of a place to write it down; who may not write there is told by the kernel what he may not change. */
function tryWrite(engine: Engine, write: () => void): boolean {
  try {
    write();
    return true;
  } catch (error) {
    if (!(error instanceof TsnsError)) throw error;
    if (error.kind !== "denied") engine.warn(`the change is not journalled: ${error.message}`);
    return false;
  }
}
