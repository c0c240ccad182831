// Which feed there is for each kind of need.
import { watchContainers } from "../../src/engine/live/container.ts";
import { watchEvents } from "../../src/engine/live/event.ts";
import { watchVolumes } from "../../src/engine/live/volume.ts";
import { type FeedMakers, feedOf } from "./feed.ts";
import { hostFeed } from "./host.ts";
import { usageFeed } from "./usage.ts";

async function* mapped<A, B>(values: AsyncIterable<A>, change: (value: A) => B): AsyncGenerator<B> {
  for await (const value of values) yield change(value);
}

/** `intervalMs`: between two samples of what is sampled. */
export const makeFeedMakers = ({ intervalMs }: { readonly intervalMs: number }): FeedMakers => ({
  containers: (place, asks) =>
    feedOf(place, (_, signal) => mapped(watchContainers(place.engine, signal), (containers) => ({ containers })), asks),
  usage: usageFeed(intervalMs),
  host: hostFeed(intervalMs),
  events: (place, asks) => feedOf(place, (_, signal) => mapped(watchEvents(place.engine, signal), (events) => ({ events })), asks),
  volumes: (place, asks) => feedOf(place, (_, signal) => mapped(watchVolumes(place.engine, signal), (volumes) => ({ volumes })), asks),
});
