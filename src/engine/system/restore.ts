// Use case: after a reboot, or after monitors were killed: what was left behind is cleaned up, and the containers run again that are to
// run by their restart policy.
import { TsnsError } from "../../base/error.ts";
import { type ContainerRecord, isLive } from "../../container/record.ts";
import { isRestored } from "../../container/restart.ts";
import { getContainer, listContainerRecords } from "../../store/container-record.ts";
import { listContainers } from "../container/list.ts";
import { observeContainer } from "../container/observe.ts";
import { isForsaken } from "../container/repair.ts";
import { startContainer } from "../container/start.ts";
import type { Engine } from "../engine.ts";
import { hasStore } from "../look.ts";

export interface Restored {
  /** Names of those that run now and did not before. */
  readonly started: readonly string[];
  readonly failures: readonly { readonly name: string; readonly error: TsnsError }[];
}

/** Starts what is to run, the oldest first, so that those come before the ones that join them. Starts nothing in a dry run, shows it. */
export async function restoreSystem(engine: Engine): Promise<Restored> {
  if (!hasStore(engine)) return { started: [], failures: [] };
  const before = listContainerRecords(engine.store).filter((record) => isLive(observeContainer(engine, record)));
  const failed = new Map<string, TsnsError>();
  if (engine.mode.dryRun) await showStarts(engine);
  else {
    await listContainers(engine);
    // What could not join a container that was not there yet gets a second chance.
    for (let round = 0; round < 2; round++) await startAll(engine, failed);
  }
  const ran = new Set(before.map(({ id }) => id));
  const started = listContainerRecords(engine.store)
    .filter((record) => !ran.has(record.id) && isLive(observeContainer(engine, record)))
    .map(({ name }) => name)
    .reverse();
  return { started, failures: [...failed].map(([name, error]) => ({ name, error })) };
}

const oldestFirst = (engine: Engine): ContainerRecord[] => listContainerRecords(engine.store).reverse();

async function startAll(engine: Engine, failed: Map<string, TsnsError>): Promise<void> {
  for (const { id, name } of oldestFirst(engine)) {
    const record = getContainer(engine.store, id);
    if (!record || !isRestored(record) || isLive(observeContainer(engine, record))) continue;
    try {
      await startContainer(engine, record, { insert: false });
      failed.delete(name);
    } catch (error) {
      if (!(error instanceof TsnsError)) throw error;
      if (error.code !== "already-running") failed.set(name, error);
    }
  }
}

async function showStarts(engine: Engine): Promise<void> {
  for (const record of oldestFirst(engine)) {
    const observed = observeContainer(engine, record);
    if (isLive(observed)) continue;
    if (isForsaken(engine, observed) || isRestored(observed.record)) await startContainer(engine, observed.record, { insert: false });
  }
}
