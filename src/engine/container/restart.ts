// Use case: a container is ended as `stop` does it, if it runs, and started again with the files it has.
import { isLive } from "../../container/record.ts";
import { getContainer } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { findBegun } from "./begun.ts";
import { recordContainerEvent } from "./event.ts";
import { observeContainer } from "./observe.ts";
import { repairContainer } from "./repair.ts";
import { startContainer } from "./start.ts";
import { endContainer, endingOf, planEnd, type StopRequest } from "./stop.ts";

/** One that is removed when it ends (--rm) stays, as docker has it. Throws not-found, conflict while it is worked on, what a start throws. */
export async function restartContainer(engine: Engine, reference: string, request: StopRequest = {}): Promise<void> {
  const record = findBegun(engine, reference);
  await repairContainer(engine, record.id, { takeOver: true });
  const observed = observeContainer(engine, getContainer(engine.store, record.id) ?? record);
  const ending = endingOf(observed, request);
  if (isLive(observed) && !engine.show(planEnd(engine, observed, ending.signal, ending.graceSeconds))) {
    await endContainer(engine, observed, "restart", ending, { keep: true });
    recordContainerEvent(engine, record, "stop");
  }
  const started = await startContainer(engine, getContainer(engine.store, record.id) ?? record, { insert: false });
  if (started) recordContainerEvent(engine, record, "restart");
}
