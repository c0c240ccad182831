// Which feed there is for each kind of need.
import { watchContainers } from "../../src/engine/live/container.ts";
import { type FeedMakers, feedOf } from "./feed.ts";
import { usageFeed } from "./usage.ts";

async function* mapped<A, B>(values: AsyncIterable<A>, change: (value: A) => B): AsyncGenerator<B> {
  for await (const value of values) yield change(value);
}

/** `intervalMs`: between two samples of what is sampled. */
export const makeFeedMakers = ({ intervalMs }: { readonly intervalMs: number }): FeedMakers => ({
  containers: (place, asks) =>
    feedOf(place, (_, signal) => mapped(watchContainers(place.engine, signal), (containers) => ({ containers })), asks),
  usage: usageFeed(intervalMs),
});
