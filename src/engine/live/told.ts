// When to look at one object again: at once, and after each event that tells of it.
import type { Engine } from "../engine.ts";
import { openEventFeed } from "../event/feed.ts";
import { type EventMessage, parseEvents } from "../event/message.ts";
import { createPace, timerSignal } from "./pace.ts";

export interface ToldObject {
  readonly kind: "container" | "image" | "network" | "volume";
  readonly id: string;
}

/** So often at most: what tells a lot is not worth more looks. */
const leastMs = 300;

/** Whether an event may have changed what is known of the object. Events of images have names of their own for them: all of them count. */
export function tellsOf({ kind, id }: ToldObject, event: EventMessage): boolean {
  if (kind === "image") return event.type === "image";
  return event.id === id || Object.values(event.attributes).includes(id);
}

/** Yields when it is time to look, until the signal. `everyMs`: then as well, whatever is told. */
export async function* watchTold(engine: Engine, object: ToldObject, signal: AbortSignal, everyMs?: number): AsyncGenerator<void> {
  using feed = openEventFeed(engine.root);
  const pace = createPace(leastMs);
  feed.read();
  let lookedMs = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    const isDue = everyMs !== undefined && performance.now() - lookedMs >= everyMs;
    const isTold = parseEvents(feed.read()).some((event) => tellsOf(object, event));
    if (isDue || isTold || lookedMs === Number.NEGATIVE_INFINITY) {
      await pace(signal);
      if (signal.aborted) return;
      lookedMs = performance.now();
      yield;
      continue;
    }
    using timer = timerSignal(everyMs);
    await feed.changed(AbortSignal.any([signal, timer.signal]));
  }
}
