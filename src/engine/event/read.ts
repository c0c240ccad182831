// Use case: what happened, and what happens from now on.
import type { Engine } from "../engine.ts";
import { openEventFeed } from "./feed.ts";
import { type EventMessage, type EventTest, parseEvents } from "./message.ts";

export interface EventRequest {
  /** Also what happened since then. */
  readonly sinceMs?: number;
  /** Ends then; what happened before is told as well. */
  readonly untilMs?: number;
  readonly wants: EventTest;
  readonly signal: AbortSignal;
}

/** setTimeout takes no more. */
const longestTimerMs = 2 ** 31 - 1;

/** Yields events in the order they were written; ends at `untilMs`, or when the signal is aborted. */
export async function* readEvents(engine: Engine, request: EventRequest): AsyncGenerator<readonly EventMessage[]> {
  const { sinceMs, untilMs, wants } = request;
  using feed = openEventFeed(engine.root, sinceMs !== undefined || untilMs !== undefined);
  const isIn = ({ timeNano }: EventMessage) => {
    // so many nanoseconds are no exact number: one of this very moment could seem to come later
    const ms = Number(timeNano / 1000n) / 1000;
    return (sinceMs === undefined || ms >= sinceMs) && (untilMs === undefined || ms <= untilMs);
  };
  const next = (): EventMessage[] => parseEvents(feed.read()).filter((event) => isIn(event) && wants(event));
  const ending = new AbortController();
  const end = () => ending.abort();
  request.signal.addEventListener("abort", end, { once: true });
  const timer = untilMs === undefined ? undefined : setTimeout(end, Math.min(Math.max(0, untilMs - Date.now()), longestTimerMs));
  try {
    while (!request.signal.aborted && !(untilMs !== undefined && Date.now() >= untilMs)) {
      yield next();
      await feed.changed(ending.signal);
      if (ending.signal.aborted) break;
    }
    yield next();
  } finally {
    clearTimeout(timer);
    request.signal.removeEventListener("abort", end);
  }
}
