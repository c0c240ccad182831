// Which feed there is for each kind of need.
import type { Engine } from "../../src/engine/engine.ts";
import { watchEvents } from "../../src/engine/live/event.ts";
import { type LiveSource, openLiveSource } from "../../src/engine/live/source.ts";
import { watchVolumes } from "../../src/engine/live/volume.ts";
import { changeFeed, inspectFeed, mountFeed, pathFeed, whyFeed } from "./chosen.ts";
import { containerFeed } from "./container.ts";
import { type FeedMakers, feedOf } from "./feed.ts";
import { hostFeed } from "./host.ts";
import { contentFeed, imageFeed, stepFeed } from "./image.ts";
import { fileFeed, logFeed, logLineFeed } from "./log.ts";
import { bridgeFeed, exposureFeed, networkFeed, trafficFeed } from "./network.ts";
import { processFeed } from "./process.ts";
import { usageFeed } from "./usage.ts";

async function* mapped<A, B>(values: AsyncIterable<A>, change: (value: A) => B): AsyncGenerator<B> {
  for await (const value of values) yield change(value);
}

/** `intervalMs`: between two samples of what is sampled. */
export const makeFeedMakers = ({ intervalMs }: { readonly intervalMs: number }): FeedMakers => {
  let source: LiveSource | undefined;
  /** One for all feeds, opened by the first that needs it. */
  const sourceOf = ({ engine }: { readonly engine: Engine }): LiveSource => {
    source ??= openLiveSource(engine, intervalMs);
    return source;
  };
  return {
    containers: containerFeed(sourceOf),
    logs: logFeed(sourceOf),
    logLine: logLineFeed,
    file: fileFeed,
    usage: usageFeed(sourceOf),
    host: hostFeed(sourceOf, intervalMs),
    images: imageFeed,
    steps: stepFeed(),
    content: contentFeed(),
    networks: networkFeed,
    traffic: trafficFeed(intervalMs),
    bridge: bridgeFeed,
    exposure: exposureFeed,
    inspect: inspectFeed,
    mounts: mountFeed,
    why: whyFeed,
    changes: changeFeed,
    path: pathFeed,
    processes: processFeed(sourceOf, intervalMs),
    events: (place, asks) => feedOf(place, (_, signal) => mapped(watchEvents(place.engine, signal), (events) => ({ events })), asks),
    volumes: (place, asks) => feedOf(place, (_, signal) => mapped(watchVolumes(place.engine, signal), (volumes) => ({ volumes })), asks),
  };
};
