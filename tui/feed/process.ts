// Processes of a container, or of all that run, looked at once an interval.
import { watchProcesses } from "../../src/engine/live/process.ts";
import type { LiveSource } from "../../src/engine/live/source.ts";
import { type FeedMakers, feedOf } from "./feed.ts";

export const processFeed =
  (sourceOf: (place: Parameters<FeedMakers["processes"]>[0]) => LiveSource, intervalMs: number): FeedMakers["processes"] =>
  (place, asks) =>
    feedOf<"processes">(
      place,
      async function* ({ of }, signal) {
        const wanted = of === "running" ? of : [of];
        for await (const board of watchProcesses(sourceOf(place), wanted, intervalMs, signal)) yield { of, board };
      },
      asks,
    );
