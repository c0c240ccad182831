// After a container has ended: undo what could not die with it, keep its exit record, or remove it with --rm.
import { existsSync } from "node:fs";
import type { ContainerRecord, ExitRecord, RunRecord } from "../../container/record.ts";
import { isMarkedStopped, readHealthFile, removeMonitorFile } from "../../kernel/sandbox/state.ts";
import { deleteContainer, getContainer, updateContainerState } from "../../store/container-record.ts";
import { insertDeath } from "../../store/death-record.ts";
import { deleteJournal, readJournal } from "../../store/journal.ts";
import { releaseLeases } from "../../store/lease.ts";
import { getNetwork } from "../../store/network-record.ts";
import { freeingTransaction } from "../../store/reserve.ts";
import type { Engine } from "../engine.ts";
import { releaseLock } from "../lock.ts";
import { recordModeEvent, recordNetworkEvent } from "../network/event.ts";
import { changeOwner } from "../network/owner.ts";
import { performUndo } from "../undo.ts";
import { openAnonymousRemoval, releaseVolumes } from "../volume/container.ts";
import { type ContainerDirectory, containerDirectory } from "./directory.ts";
import { recordContainerEvent } from "./event.ts";
import { observeContainer } from "./observe.ts";

export interface CleanUpOptions {
  /** Overrides what the monitor's exit file says (a start that failed). */
  readonly exit?: ExitRecord;
  /** Another run follows at once, by this process: it keeps the lock. */
  readonly restart?: boolean;
}

/**
 * Brings the host back and records the end. Every part may be repeated, so that several commands at once, or one after
 * a kill, do no harm. The container must not run. Releases the caller's lock.
 */
export async function cleanUp(engine: Engine, id: string, options: CleanUpOptions = {}): Promise<ExitRecord | undefined> {
  const { store } = engine;
  const record = getContainer(store, id);
  if (!record) return undefined;
  const observed = observeContainer(engine, record);
  if (observed.status === "running" && !options.exit) return undefined;
  const directory = containerDirectory(engine.root, id).path;
  const exit = options.exit ?? (observed.record.exit && describeEnd(observed.record.exit, record, directory, options));
  // A monitor that was killed has told nobody.
  if (exit && observed.monitor && observed.exitFile?.records.told === undefined)
    recordContainerEvent(engine, record, "die", { exitCode: `${exit.exitCode}` });
  const journal = readJournal(store, id);
  const undo = journal ?? [];
  const remove = undo.some((step) => step.kind === "tree.remove");
  // Before its groups go.
  const death = remove || !exit ? undefined : (await import("./death.ts")).gatherDeath(record, exit, observed, directory);
  await performUndo(engine, undo);
  engine.timings.mark("kernel state undone");
  const volumes = remove && record.spec.autoRemove ? await openAnonymousRemoval(engine, record) : undefined;
  freeingTransaction(store, engine.root, () => {
    deleteJournal(store, id);
    deleteJournal(store, changeOwner(id));
    releaseLeases(store, id);
    if (remove) deleteContainer(store, id);
    else updateContainerState(store, id, { ...(record.run ? { run: record.run } : {}), ...(exit ? { exit } : {}) });
    if (death) insertDeath(store, id, death);
    if (remove) releaseLock(engine, id);
    volumes?.drop();
  });
  if (record.run) await releaseVolumes(engine, record);
  await volumes?.finish();
  if (!remove) {
    await awaitClosing(containerDirectory(engine.root, id));
    // Still under the lock: the files of a start that came in between would go.
    removeMonitorFile(directory);
    if (!options.restart) releaseLock(engine, id);
  }
  // Without a journal it was told by who worked that off: a start by policy was cut off after its clean-up, or never began.
  if (journal && record.run) recordDepartures(engine, record, record.run);
  if (remove) recordContainerEvent(engine, record, "destroy");
  engine.timings.mark("end recorded");
  return exit;
}

/** A monitor takes its socket away a moment after it has written the end: later it would be that of the next run. */
async function awaitClosing({ path, attachSocket }: ContainerDirectory): Promise<void> {
  if (existsSync(attachSocket)) await (await import("../../kernel/sandbox/attach.ts")).waitForEnd(path, 10_000);
}

/** What is known beside the monitor's record, whose files go. */
function describeEnd(exit: ExitRecord, { spec }: ContainerRecord, directory: string, { restart }: CleanUpOptions): ExitRecord {
  const health = spec.health && readHealthFile(directory);
  return {
    ...exit,
    ...(isMarkedStopped(directory) ? { stoppedByUser: true } : {}),
    ...(restart ? { restartDue: true } : {}),
    // docker's word for what nobody asks any more.
    ...(health ? { health: { ...health, status: "unhealthy" } } : {}),
  };
}

function recordDepartures(engine: Engine, record: ContainerRecord, { endpoints }: RunRecord): void {
  for (const endpoint of endpoints) {
    const network = getNetwork(engine.store, endpoint.network);
    if (network) recordNetworkEvent(engine, network, "disconnect", record.id);
  }
  recordModeEvent(engine, record.spec.network, "disconnect", record.id);
}
