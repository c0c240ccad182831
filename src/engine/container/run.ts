// The main job: create, start, wait, clean up in one command.
import type { ContainerRecord } from "../../container/record.ts";
import type { CreateRequest } from "../../container/request.ts";
import { getContainer } from "../../store/container-record.ts";
import { readJournal } from "../../store/journal.ts";
import type { Engine } from "../engine.ts";
import { tryLock } from "../lock.ts";
import { cleanUp } from "./cleanup.ts";
import { designContainer } from "./create.ts";
import { observeContainer } from "./observe.ts";
import { type AttachedClient, type StartOptions, startContainer } from "./start.ts";

export interface RunResult {
  readonly record: ContainerRecord;
  /** Exit status for the shell; 0 for a detached start. */
  readonly exitCode: number;
}

/** Runs a container as `tsns run` does. Undefined after a dry run. */
export async function runContainer(
  engine: Engine,
  request: CreateRequest,
  options: Omit<StartOptions, "insert"> & { readonly onCreated?: (record: ContainerRecord) => void },
): Promise<RunResult | undefined> {
  const record = designContainer(engine, request);
  engine.timings.mark("container designed");
  const started = await startContainer(engine, record, { ...options, insert: true });
  if (!started) return undefined;
  options.onCreated?.(record);
  return { record, exitCode: started.attached ? await awaitEnd(engine, record, started.attached) : 0 };
}

/** Stays with an attached container until it ends or the user detaches; cleans up after an end. */
export async function awaitEnd(engine: Engine, record: ContainerRecord, attached: AttachedClient): Promise<number> {
  const status = await attached.exited;
  attached.stopForwarding();
  engine.timings.mark("container ran");
  const now = getContainer(engine.store, record.id);
  if (!now) return status; // removed from outside
  const observed = observeContainer(engine, now);
  if (observed.status === "running") return status; // detached by its keys
  if (observed.status === "restarting") return observed.record.exit?.exitCode ?? status; // its monitor starts it again
  // Whoever stops or removes it from outside cleans up as well.
  if (tryLock(engine, record.id, "clean up", () => readJournal(engine.store, record.id) !== undefined)) await cleanUp(engine, record.id);
  return observed.record.exit?.exitCode ?? status;
}
