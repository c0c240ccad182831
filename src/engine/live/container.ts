// All containers, again whenever something happens to one: told by the file of events.
import { type ContainerState, isLive } from "../../container/record.ts";
import { listContainers } from "../container/list.ts";
import type { Engine } from "../engine.ts";
import { openEventFeed } from "../event/feed.ts";

/** All that a state tells, read now. */
function readState(state: ContainerState): ContainerState {
  const { record, status, pid, monitorPid, paused, health } = state;
  return { record, status, pid, monitorPid, paused: isLive(state) && paused, ...(health ? { health } : {}) };
}

/** Yields at once, and after each event until the signal. */
export async function* watchContainers(engine: Engine, signal: AbortSignal): AsyncGenerator<readonly ContainerState[]> {
  using feed = openEventFeed(engine.root);
  while (!signal.aborted) {
    feed.read();
    yield (await listContainers(engine)).map(readState);
    await feed.changed(signal);
  }
}
