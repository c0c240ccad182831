// What is fed of networks: who is on them by the kernel's announcements, what passes by their counters, who
// reaches their ports by the rules of the firewall as they are.
import { setTimeout as delay } from "node:timers/promises";
import { watchBridge } from "../../src/engine/live/bridge.ts";
import { watchExposure } from "../../src/engine/live/exposure.ts";
import { watchTraffic } from "../../src/engine/live/link-rate.ts";
import { watchNetworks } from "../../src/engine/live/network-watch.ts";
import { type FeedMakers, feedOf } from "./feed.ts";

export const networkFeed: FeedMakers["networks"] = (place, asks) =>
  feedOf<"networks">(place, (_, signal) => watchNetworks(place.engine, signal), asks);

export const trafficFeed =
  (intervalMs: number): FeedMakers["traffic"] =>
  (place, asks) =>
    feedOf<"traffic">(
      place,
      async function* ({ links }, signal) {
        for await (const traffics of watchTraffic(new Set(links), intervalMs, signal)) yield { links: traffics };
      },
      asks,
    );

export const bridgeFeed: FeedMakers["bridge"] = (place, asks) =>
  feedOf<"bridge">(
    place,
    async function* ({ name }, signal) {
      for await (const bridge of watchBridge(place.engine, name, signal)) yield { name, bridge };
    },
    asks,
  );

/** Who moves through a list quickly asks for nothing of the rows between; and what changes does so in bursts. */
const restMs = 300;

export const exposureFeed: FeedMakers["exposure"] = (place, asks) =>
  feedOf<"exposure">(
    place,
    async function* ({ networks }, signal) {
      await delay(restMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      for await (const exposure of watchExposure(place.engine, networks, signal)) yield { networks, ...exposure };
    },
    asks,
  );
