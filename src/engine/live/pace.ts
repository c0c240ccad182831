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

const earlyMs = 3;

/**
 * Acts at the multiples of `periodMs` of the clock, as everybody does who asks for the same: the process wakes once for all of them.
 * What one act throws is the caller's to catch.
 */
export function everyPeriod(periodMs: number, act: () => void): Disposable {
  let timer: NodeJS.Timeout | undefined;
  const arm = () => {
    // A timer may be a little early: that moment has been.
    const now = performance.now();
    const nextMs = (Math.floor((now + earlyMs) / periodMs) + 1) * periodMs;
    timer = setTimeout(
      () => {
        arm();
        act();
      },
      Math.ceil(nextMs - now),
    );
  };
  arm();
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
