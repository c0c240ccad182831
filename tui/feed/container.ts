// All containers, told when something of one is another.
import type { LiveSource } from "../../src/engine/live/source.ts";
import type { FeedMakers } from "./feed.ts";

export const containerFeed =
  (sourceOf: (place: Parameters<FeedMakers["containers"]>[0]) => LiveSource): FeedMakers["containers"] =>
  (place) => {
    const following = sourceOf(place).followContainers({ told: (containers) => place.emit({ containers }), failed: place.fail });
    return { want() {}, [Symbol.dispose]: () => following[Symbol.dispose]() };
  };
