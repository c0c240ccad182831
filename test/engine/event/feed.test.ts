// The file of events followed: what is there, what comes, files that are put aside meanwhile, a root that is made later.
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import t, { type Test } from "tap";
import { openEngine } from "../../../src/engine/engine.ts";
import { openEventFeed } from "../../../src/engine/event/feed.ts";
import { readEvents } from "../../../src/engine/event/read.ts";
import { recordEvent } from "../../../src/engine/event.ts";
import { delayWatch } from "../../fixture/late-watch.ts";

function makeRoot(t: Test): string {
  const root = mkdtempSync(`${tmpdir()}/tsns-feed-`);
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

t.test("from now on, or from the beginning", async (t) => {
  const root = makeRoot(t);
  writeFileSync(`${root}/events.1`, "old\n");
  writeFileSync(`${root}/events`, "one\n");
  using fresh = openEventFeed(root);
  using all = openEventFeed(root, true);
  t.same(fresh.read(), []);
  t.same(all.read(), ["old", "one"]);
  appendFileSync(`${root}/events`, "two\nthr");
  t.same(fresh.read(), ["two"], "a line that is not whole waits");
  appendFileSync(`${root}/events`, "ee\n");
  t.same(fresh.read(), ["three"]);
  t.same(all.read(), ["two", "three"]);
});

t.test("rotation loses nothing: once, twice between two looks, and who still writes to the old file", async (t) => {
  const root = makeRoot(t);
  const rotate = () => renameSync(`${root}/events`, `${root}/events.1`);
  const write = (text: string) => appendFileSync(`${root}/events`, `${text}\n`);
  write("0");
  using feed = openEventFeed(root);
  write("1");
  rotate();
  write("2");
  t.same(feed.read(), ["1", "2"]);
  appendFileSync(`${root}/events.1`, "late\n");
  t.same(feed.read(), ["late"]);
  write("3");
  rotate();
  write("4");
  rotate();
  write("5");
  t.same(feed.read(), ["3", "4", "5"]);
  write("6");
  t.same(feed.read(), ["6"]);
});

t.test("a change wakes, also of a root that is made later; an abort too", { timeout: 10_000 }, async (t) => {
  const root = `${makeRoot(t)}/later/root`;
  using feed = openEventFeed(root);
  await feed.changed();
  t.same(feed.read(), []);
  const seen: string[] = [];
  const reading = (async () => {
    while (seen.length === 0) {
      await feed.changed();
      seen.push(...feed.read());
    }
  })();
  mkdirSync(root, { recursive: true });
  writeFileSync(`${root}/events`, "first\n");
  await reading;
  t.same(seen, ["first"]);
  await feed.changed(AbortSignal.abort());
  const aborting = new AbortController();
  const waiting = (async () => {
    while (!aborting.signal.aborted) await feed.changed(aborting.signal);
  })();
  aborting.abort();
  await waiting;
});

t.test("a root that is made right before what is there of its path is watched", { timeout: 10_000 }, async (t) => {
  const root = `${makeRoot(t)}/later/root`;
  delayWatch(t, () => mkdirSync(root, { recursive: true }));
  using feed = openEventFeed(root);
  await feed.changed();
  writeFileSync(`${root}/events`, "first\n");
  await feed.changed();
  t.same(feed.read(), ["first"]);
});

t.test("events since and until; the end of the time ends the stream", { timeout: 10_000 }, async (t) => {
  const root = makeRoot(t);
  const engine = openEngine(root);
  recordEvent(engine, { type: "image", action: "tag", id: "a" });
  recordEvent(engine, { type: "container", action: "start", id: "b" });
  const read = async (request: { sinceMs?: number; untilMs?: number }, wants = () => true) => {
    const ids: string[] = [];
    const { signal } = new AbortController();
    for await (const events of readEvents(engine, { ...request, wants, signal })) ids.push(...events.map(({ id }) => id));
    return ids;
  };
  t.same(await read({ untilMs: Date.now() }), ["a", "b"], "without since, all there is");
  t.same(await read({ sinceMs: Date.now() + 1000, untilMs: Date.now() }), []);
  t.same(await read({ sinceMs: 0, untilMs: Date.now() }, () => false), []);
  t.same(await read({ sinceMs: 0, untilMs: Date.now() + 20 }), ["a", "b"], "a moment that is still to come is waited for");
});
