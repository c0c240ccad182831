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
