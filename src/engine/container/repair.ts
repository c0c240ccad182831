// Finds runs that ended without clean-up (a killed tsns or monitor, a reboot) and cleans them up, or starts them again where their
// restart policy says so.
import { readdirSync } from "node:fs";
import { isErrno, TsnsError } from "../../base/error.ts";
import { type ContainerRecord, isLive } from "../../container/record.ts";
import { isNextRunDue, isRestartDue } from "../../container/restart.ts";
import { isRunning } from "../../kernel/proc/identity.ts";
import { isMarkedStopped, readRestartingFile } from "../../kernel/sandbox/state.ts";
import { getContainer } from "../../store/container-record.ts";
import { readJournal } from "../../store/journal.ts";
import type { Engine } from "../engine.ts";
import { awaitLock, isLocked, tryLock } from "../lock.ts";
import { performUndo } from "../undo.ts";
import { restartOperation } from "./begun.ts";
import { containerDirectory } from "./directory.ts";
import { type Observation, observeContainer } from "./observe.ts";

const operation = "clean up";

export interface RepairOptions {
  /** The caller acts on this container: what a living monitor or another command is about to clean up is not left to it. */
  readonly takeOver?: boolean;
}

/** True when the container's last run has ended and nobody alive is to clean it up. */
function needsRepair(observed: Observation, takeOver: boolean): boolean {
  const { monitor } = observed;
  if (isLive(observed)) return false;
  // A living monitor waits for its owner and then calls `cleanup` by itself.
  return takeOver || !(monitor && isRunning({ pid: monitor.monitorPid, startTime: monitor.monitorStart }));
}

/**
 * Whether a container that has ended, and that nobody alive looks after, is to be started again: its monitor was killed while it ran or
 * slept, or the command that was making its next run.
 */
export function isForsaken(engine: Engine, { record, monitor, exitFile }: Observation): boolean {
  const directory = containerDirectory(engine.root, record.id).path;
  const { exit } = record;
  if (isMarkedStopped(directory)) return false;
  if (!monitor) return isNextRunDue(record);
  if (exitFile && !readRestartingFile(directory)) return false;
  return exit !== undefined && isRestartDue(record, exit);
}

/** True when it was: its last run was left behind, and no command is at it. Reads only, which nobody who writes the store keeps waiting. */
export function isLeftBehind(engine: Engine, id: string): boolean {
  const record = getContainer(engine.store, id);
  if (!record || (readJournal(engine.store, id) === undefined && record.exit?.restartDue !== true)) return false;
  return needsRepair(observeContainer(engine, record), false) && !isLocked(engine, id);
}

/** Cleans up one container if its last run was left behind: if there is a journal that no living command is at. */
export async function repairContainer(engine: Engine, id: string, { takeOver = false }: RepairOptions = {}): Promise<void> {
  if (takeOver) awaitLock(engine, id, restartOperation);
  const isDue = () => readJournal(engine.store, id) !== undefined || getContainer(engine.store, id)?.exit?.restartDue === true;
  while (isDue()) {
    const record = getContainer(engine.store, id);
    const observed = record && observeContainer(engine, record);
    if (!observed || !needsRepair(observed, takeOver)) return;
    if (!takeOver && isForsaken(engine, observed)) return await startForsaken(engine, observed.record);
    if (tryLock(engine, id, operation, isDue)) return void (await (await import("./cleanup.ts")).cleanUp(engine, id));
    if (!takeOver || !awaitLock(engine, id, operation)) return;
  }
  // The journal is gone a moment before the lock of who worked it off.
  if (takeOver) awaitLock(engine, id, operation);
}

/** What a monitor calls when its work is done: the clean-up, or the next run where one was announced and nobody has taken that back. */
export async function concludeRun(engine: Engine, id: string): Promise<void> {
  const directory = containerDirectory(engine.root, id).path;
  if (!readRestartingFile(directory) || isMarkedStopped(directory)) return await repairContainer(engine, id, { takeOver: true });
  const { relaunchContainer } = await import("./relaunch.ts");
  await relaunchContainer(engine, id);
}

/** Loaded where it is needed: a list starts nothing as a rule. */
async function startForsaken(engine: Engine, { id, name }: ContainerRecord): Promise<void> {
  if (engine.mode.dryRun) return;
  const { relaunchContainer } = await import("./relaunch.ts");
  try {
    await relaunchContainer(engine, id);
  } catch (error) {
    // The container has it as its error: who only looks is told once.
    if (!(error instanceof TsnsError)) throw error;
    engine.warn(`container ${name} was not started again: ${error.message}`);
  }
}

/** What a look at the whole data root found left behind. */
export interface Leftovers {
  /** Containers with a journal that do not run. */
  readonly ended: readonly string[];
  /** Directories of containers that have no record. */
  readonly orphans: readonly string[];
}

/** Repairs what was left behind; called by the commands that list. What cannot be repaired is a warning: the list is still of use. */
export async function repairAll(engine: Engine, { ended, orphans }: Leftovers): Promise<void> {
  const attempt = (body: () => Promise<void>) =>
    body().catch((error: unknown) => {
      if (!(error instanceof TsnsError)) throw error;
      engine.warn(error.message);
    });
  for (const id of ended) await attempt(() => repairContainer(engine, id));
  await attempt(() => removeOrphans(engine, orphans));
}

/**
 * Removes directories of containers that have no record: only a power failure leaves them, as a record is stored before its
 * directory is made and deleted after it is removed.
 */
async function removeOrphans(engine: Engine, orphans: readonly string[]): Promise<void> {
  const within = `${engine.root}/containers`;
  await performUndo(
    engine,
    orphans.map((id) => ({ kind: "tree.remove", path: containerDirectory(engine.root, id).path, within })),
  );
}

/** Names of the containers' directories. To be read before the records, so that one being made is not taken for an orphan. */
export function containerDirectoryNames(engine: Engine): string[] {
  return directoryNames(`${engine.root}/containers`).filter((name) => /^[0-9a-f]{64}$/.test(name));
}

function directoryNames(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw error;
  }
}
