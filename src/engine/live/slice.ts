// A long computation in small pieces, with room for everything else in between.
import { setTimeout as delay } from "node:timers/promises";

/** At work for so long, then at rest for so long: a fifth of a core. */
const workMs = 4;
const restMs = 16;

/** What the steps return in the end; undefined when the signal is aborted before. */
export async function inSlices<T>(steps: Generator<void, T>, signal: AbortSignal): Promise<T | undefined> {
  while (!signal.aborted) {
    const endMs = performance.now() + workMs;
    while (performance.now() < endMs) {
      const step = steps.next();
      if (step.done) return step.value;
    }
    await delay(restMs, undefined, { signal }).catch(() => {});
  }
  return undefined;
}

/** What the steps return in the end, in one go. */
export function atOnce<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The first step now, each other one in a turn of the loop of its own; `told` is told what they return. */
export function inTurns<T>(steps: Generator<void, T>, told: (value: T) => void, failed: (error: unknown) => void): void {
  try {
    const step = steps.next();
    if (step.done) told(step.value);
    else setImmediate(() => inTurns(steps, told, failed));
  } catch (error) {
    failed(error);
  }
}
