// What is fed of images: the list by events, their steps at once, what their layers hold while somebody looks into one.
import { setTimeout as delay } from "node:timers/promises";
import { watchImages } from "../../src/engine/live/image.ts";
import { type ImageStep, readImageContent, readImageSteps } from "../../src/engine/live/image-content.ts";
import type { ContentFed } from "../model/need.ts";
import { type FeedMakers, feedOf } from "./feed.ts";

export const imageFeed: FeedMakers["images"] = (place, asks) =>
  feedOf<"images">(
    place,
    async function* (_, signal) {
      for await (const images of watchImages(place.engine, signal)) yield { images };
    },
    asks,
  );

/** An image of an id never changes. */
export function stepFeed(): FeedMakers["steps"] {
  const known = new Map<string, readonly ImageStep[]>();
  return (place, asks) =>
    feedOf<"steps">(
      place,
      async function* ({ images }) {
        for (const id of images) if (!known.has(id)) known.set(id, readImageSteps(place.engine, id));
        yield { steps: new Map(known) };
      },
      asks,
    );
}

/** Who moves through a list quickly has nothing of the images between looked into. */
const restMs = 150;

export function contentFeed(): FeedMakers["content"] {
  let counts: ContentFed["counts"] = new Map();
  /** The last one that was looked into to its end: its trees are large, so only one is kept. */
  let whole: ContentFed["content"] | undefined;
  return (place, asks) =>
    feedOf<"content">(
      place,
      async function* ({ image }, signal) {
        if (whole?.id === image) yield { content: whole, counts };
        if (whole?.id === image) return;
        await delay(restMs, undefined, { signal }).catch(() => {});
        if (signal.aborted) return;
        for await (const content of readImageContent(place.engine, image, signal)) {
          const before = counts.get(image)?.length ?? 0;
          if (content.layers.length > before) counts = new Map([...counts, [image, content.layers.map((layer) => layer.counts)]]);
          if (content.whole) whole = content;
          yield { content, counts };
        }
      },
      asks,
    );
}
