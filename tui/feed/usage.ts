// Use of containers, sampled once an interval for those that are asked for.
import { openUsageSampler } from "../../src/engine/live/usage.ts";
import type { FeedMakers } from "./feed.ts";

/** What a moment needs, for rates to be told soon after the start. */
const firstMs = 250;

/** `intervalMs`: between two samples. */
export function usageFeed(intervalMs: number): FeedMakers["usage"] {
  // Kept beside the feed, whose curves go on where they were when nobody looked for a while.
  let sampler: ReturnType<typeof openUsageSampler> | undefined;
  return ({ engine, emit, fail }, asks) => {
    sampler ??= openUsageSampler(engine);
    const { board, sample } = sampler;
    let { ids } = asks;
    function take(): void {
      try {
        sample(ids);
        emit({ ...board });
      } catch (error) {
        fail(error);
      }
    }
    take();
    const first = setTimeout(take, firstMs);
    const timer = setInterval(take, intervalMs);
    return {
      want(wanted) {
        const known = new Set(ids);
        const isNew = wanted.ids.some((id) => !known.has(id));
        ids = wanted.ids;
        if (isNew) take();
      },
      [Symbol.dispose]() {
        clearTimeout(first);
        clearInterval(timer);
      },
    };
  };
}
