// What there is to tell of the chosen row, for its tabs: asked for a moment after it was chosen, so that who moves through a list quickly
// asks for nothing of the rows between.
import { setTimeout as delay } from "node:timers/promises";
import { readChanges } from "../../src/engine/live/change.ts";
import { watchInspect } from "../../src/engine/live/inspect.ts";
import { watchMounts } from "../../src/engine/live/mount.ts";
import { watchPaths } from "../../src/engine/live/path.ts";
import { watchWhy } from "../../src/engine/live/why.ts";
import type { FeedKind, FeedTable } from "../model/need.ts";
import { type Feed, type FeedMakers, type FeedPlace, feedOf } from "./feed.ts";

/** For what is asked here, and for what another process is started for. */
const restMs = { here: 60, elsewhere: 250 } as const;

type Generate<K extends FeedKind> = (
  place: FeedPlace<K>,
  asks: FeedTable[K]["asks"],
  signal: AbortSignal,
) => AsyncIterable<FeedTable[K]["value"]>;

const rested =
  <K extends FeedKind>(generate: Generate<K>, where: keyof typeof restMs = "here") =>
  (place: FeedPlace<K>, asks: FeedTable[K]["asks"]): Feed<K> =>
    feedOf<K>(
      place,
      async function* (wanted, signal) {
        await delay(restMs[where], undefined, { signal }).catch(() => {});
        if (!signal.aborted) yield* generate(place, wanted, signal);
      },
      asks,
    );

export const inspectFeed: FeedMakers["inspect"] = rested<"inspect">(async function* ({ engine }, { object, id }, signal) {
  for await (const document of watchInspect(engine, object, id, signal)) yield { object, id, document };
});

export const mountFeed: FeedMakers["mounts"] = rested<"mounts">(async function* ({ engine }, { id }, signal) {
  for await (const rows of watchMounts(engine, id, signal)) yield { id, rows: rows ?? [] };
});

export const whyFeed: FeedMakers["why"] = rested<"why">(async function* ({ engine }, { id }, signal) {
  for await (const why of watchWhy(engine, id, signal)) yield { id, why };
});

export const changeFeed: FeedMakers["changes"] = rested<"changes">(async function* ({ engine }, { id, round }, signal) {
  const changes = await readChanges(engine, id, signal);
  if (changes) yield { id, round, changes };
});

export const pathFeed: FeedMakers["path"] = rested<"path">(async function* ({ engine }, { id, port, round }, signal) {
  for await (const paths of watchPaths(engine, port, signal)) yield { id, port, round, paths, atMs: Date.now() };
}, "elsewhere");
