// One container by what the user calls it, as it is now.
import { findContainer } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { type Observation, observeContainer } from "./observe.ts";
import { notRunning } from "./refusal.ts";

/** Throws not-found, or conflict for an ambiguous id prefix. */
export function describeContainer(engine: Engine, reference: string): Observation {
  return observeContainer(engine, findContainer(engine.store, reference));
}

/** As `describeContainer`; throws conflict unless it runs. */
export function describeRunning(engine: Engine, reference: string): Observation {
  const observed = describeContainer(engine, reference);
  if (observed.status !== "running") throw notRunning(observed.record);
  return observed;
}
