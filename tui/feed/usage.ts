// Use of containers, sampled once an interval for those that are asked for; told when something of it is another.
import type { LiveSource } from "../../src/engine/live/source.ts";
import type { FeedMakers } from "./feed.ts";

export const usageFeed =
  (sourceOf: (place: Parameters<FeedMakers["usage"]>[0]) => LiveSource): FeedMakers["usage"] =>
  (place, asks) => {
    const following = sourceOf(place).followUsage(asks.ids, {
      told({ board, isChanged }) {
        if (isChanged) place.emit({ ...board });
      },
      failed: place.fail,
    });
    return {
      want: ({ ids }) => following.want(ids),
      [Symbol.dispose]: () => following[Symbol.dispose](),
    };
  };
