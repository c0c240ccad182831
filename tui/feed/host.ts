// The machine, sampled once an interval, together with what its containers use.
import { openHostSampler, shareOf } from "../../src/engine/live/host.ts";
import type { LiveSource } from "../../src/engine/live/source.ts";
import type { FeedMakers } from "./feed.ts";

export function hostFeed(sourceOf: (place: Parameters<FeedMakers["host"]>[0]) => LiveSource, intervalMs: number): FeedMakers["host"] {
  // Kept beside the feed, whose curve goes on where it was when nobody looked for a while.
  let host: ReturnType<typeof openHostSampler> | undefined;
  return (place) => {
    host ??= openHostSampler(place.engine, intervalMs);
    const { sample } = host;
    const following = sourceOf(place).followUsage("running", {
      told: ({ board, running }) => place.emit(sample(shareOf(running, board))),
      failed: place.fail,
    });
    return { want() {}, [Symbol.dispose]: () => following[Symbol.dispose]() };
  };
}
