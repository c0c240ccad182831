// What inspect tells of the chosen row, again when something of it has changed.
import { setTimeout as delay } from "node:timers/promises";
import { watchInspect } from "../../src/engine/live/inspect.ts";
import { type FeedMakers, feedOf } from "./feed.ts";

/** Who moves through a list quickly asks for nothing of the rows between. */
const restMs = 60;

export const inspectFeed: FeedMakers["inspect"] = (place, asks) =>
  feedOf<"inspect">(
    place,
    async function* ({ object, id }, signal) {
      await delay(restMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      for await (const document of watchInspect(place.engine, object, id, signal)) yield { object, id, document };
    },
    asks,
  );
