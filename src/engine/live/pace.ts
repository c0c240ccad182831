// Times at which something that may happen in bursts is looked at: at once where it was quiet, never more often than asked.
import { setTimeout as delay } from "node:timers/promises";

/** Resolves when `leastMs` have gone by since it last did; at once the first time, and when the signal is aborted. */
export function createPace(leastMs: number, now: () => number = () => performance.now()): (signal?: AbortSignal) => Promise<void> {
  let nextMs = Number.NEGATIVE_INFINITY;
  return async (signal) => {
    const waitMs = nextMs - now();
    if (waitMs > 0 && !signal?.aborted) await delay(waitMs, undefined, signal ? { signal } : {}).catch(() => {});
    nextMs = now() + leastMs;
  };
}
