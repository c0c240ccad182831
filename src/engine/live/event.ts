// The newest events: what the file still has of them, and each one that comes.
import type { Engine } from "../engine.ts";
import { openEventFeed } from "../event/feed.ts";
import { type EventMessage, parseEvents } from "../event/message.ts";
import { createPace } from "./pace.ts";

/** That many are kept. */
export const eventsKept = 1000;

/** So often at most they are told. */
const leastMs = 100;

/** The newest `most` of both, oldest first; `before` itself where nothing has come. Lines that are no events are left out. */
export function appendEvents(before: readonly EventMessage[], lines: readonly string[], most = eventsKept): readonly EventMessage[] {
  const come = parseEvents(lines.slice(-most));
  return come.length === 0 ? before : [...before, ...come].slice(-most);
}

/** Yields at once, and whenever something has happened, until the signal. */
export async function* watchEvents(engine: Engine, signal: AbortSignal): AsyncGenerator<readonly EventMessage[]> {
  using feed = openEventFeed(engine.root, true);
  const pace = createPace(leastMs);
  let events = appendEvents([], feed.read());
  yield events;
  while (!signal.aborted) {
    await feed.changed(signal);
    await pace(signal);
    if (signal.aborted) return;
    const after = appendEvents(events, feed.read());
    if (after === events) continue;
    events = after;
    yield events;
  }
}
