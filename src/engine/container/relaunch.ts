// Use case: a container's next run by its restart policy: cleans up after the last one, makes a plan afresh, starts. Called when a
// monitor has slept its time, and for one that was killed.
import { nextRestart } from "../../container/restart.ts";
import { isMarkedStopped } from "../../kernel/sandbox/state.ts";
import { getContainer } from "../../store/container-record.ts";
import { readJournal } from "../../store/journal.ts";
import type { Engine } from "../engine.ts";
import { releaseLock, tryLock } from "../lock.ts";
import { restartOperation } from "./begun.ts";
import { cleanUp } from "./cleanup.ts";
import { containerDirectory } from "./directory.ts";
import { recordContainerEvent } from "./event.ts";
import { observeContainer } from "./observe.ts";
import { startContainer } from "./start.ts";

/**
 * Starts a container that has ended once more. Does nothing while another command is at it, or has ended it on purpose. A start that
 * fails is kept as the container's error, as of any start, and is not tried again. Throws what the start throws.
 */
export async function relaunchContainer(engine: Engine, id: string): Promise<void> {
  const directory = containerDirectory(engine.root, id).path;
  const isDue = () => readJournal(engine.store, id) !== undefined || getContainer(engine.store, id)?.exit?.restartDue === true;
  if (!tryLock(engine, id, restartOperation, isDue)) return;
  const record = getContainer(engine.store, id);
  const isRunning = record && observeContainer(engine, record).status === "running";
  if (!record?.run || isRunning) return releaseLock(engine, id);
  if (isMarkedStopped(directory)) return void (await cleanUp(engine, id));
  const { run } = record;
  const exit = await cleanUp(engine, id, { restart: true });
  const ended = getContainer(engine.store, id);
  // One whose start was cut off: the count is of that start.
  const restarts = exit ? nextRestart(run, exit.finishedMs) : run.restarts;
  if (!ended || !restarts) return releaseLock(engine, id);
  try {
    await startContainer(engine, ended, { insert: false, restarts });
  } catch (error) {
    await giveUp(engine, id, error);
    // Who waits for its next end has waited for this.
    const exitCode = getContainer(engine.store, id)?.exit?.exitCode ?? 128;
    recordContainerEvent(engine, ended, "die", { exitCode: `${exitCode}` });
    throw error;
  }
}

/** What kept a start from beginning is kept as what kept it from succeeding is; nobody tries again. */
async function giveUp(engine: Engine, id: string, error: unknown): Promise<void> {
  if (!getContainer(engine.store, id)?.exit?.restartDue) return;
  const message = error instanceof Error ? error.message : String(error);
  await cleanUp(engine, id, { exit: { exitCode: 128, signal: 0, finishedMs: Date.now(), oomKilled: false, error: message } });
}
