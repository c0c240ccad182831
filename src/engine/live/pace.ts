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

/** Aborted after so long, or never; its timer goes with it. */
export function timerSignal(ms: number | undefined): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const timer = ms === undefined ? undefined : setTimeout(() => controller.abort(), ms);
  return { signal: controller.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}

/** The one thing here that outlives its makers: of each period a timer, while somebody acts by it. */
const clocks = new Map<number, { readonly acts: Set<() => void>; readonly timer: NodeJS.Timeout }>();

/**
 * Acts once a period, in one turn with everybody who asks for the same: the process wakes once for all of them, and what they tell is
 * drawn once. What an act throws is the caller's to catch.
 */
export function everyPeriod(periodMs: number, act: () => void): Disposable {
  const clock = clocks.get(periodMs) ?? startClock(periodMs);
  // The same function may be given twice.
  const own = () => act();
  clock.acts.add(own);
  return {
    [Symbol.dispose]() {
      if (!clock.acts.delete(own) || clock.acts.size > 0) return;
      clearInterval(clock.timer);
      clocks.delete(periodMs);
    },
  };
}

function startClock(periodMs: number) {
  const acts = new Set<() => void>();
  const timer = setInterval(() => {
    for (const act of [...acts]) if (acts.has(act)) act();
  }, periodMs);
  const clock = { acts, timer };
  clocks.set(periodMs, clock);
  return clock;
}
