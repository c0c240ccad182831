// Volumes as they change: which one is measured next, and what comes when.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import t from "tap";
import { openEngine } from "../../../src/engine/engine.ts";
import { type LiveVolume, nextToMeasure, watchVolumes } from "../../../src/engine/live/volume.ts";
import { createVolume } from "../../../src/engine/volume/create.ts";
import { mountpointOf } from "../../../src/engine/volume/list.ts";

const volume = (name: string, users: number, mountpoint = "/v"): LiveVolume => ({
  record: { name, createdMs: 0, driver: "local", labels: {}, options: {} },
  mountpoint,
  users: Array.from({ length: users }, () => ({ id: "c", name: "c" })),
});
const size = (measuredMs: number, tookMs = 1, isStale = false) => ({ bytes: 1, entries: 1, measuredMs, tookMs, isStale });

t.test("unknown ones first, then what changed, then what is in use and old", async (t) => {
  const all = [volume("used", 1), volume("idle", 0), volume("foreign", 1, "")];
  const next = (sizes: Record<string, ReturnType<typeof size>>, nowMs: number) =>
    nextToMeasure(all, new Map(Object.entries(sizes)), nowMs)?.record.name;
  t.equal(next({ used: size(0) }, 1), "idle");
  t.equal(next({ used: size(0), idle: size(0) }, 59_000), undefined);
  t.equal(next({ used: size(0), idle: size(0) }, 60_000), "used");
  t.equal(next({ used: size(0, 1000), idle: size(0) }, 60_000), undefined, "what took long is not asked so soon again");
  t.equal(next({ used: size(5), idle: size(5, 1, true) }, 10), "idle");
});

t.test("the list at once, sizes behind it, and a volume that is made meanwhile", async (t) => {
  const root = mkdtempSync(`${tmpdir()}/tsns-live-volume-`);
  t.teardown(() => rmSync(root, { recursive: true }));
  const engine = openEngine(root);
  t.teardown(() => engine[Symbol.dispose]());
  const make = (name: string) => createVolume(engine, { name, driver: "local", labels: {}, options: {} });
  const record = await make("data");
  writeFileSync(`${mountpointOf(engine, { name: "data", createdMs: 0, driver: "local", labels: {}, options: {} })}/file`, "12345");
  t.ok(record);
  const end = new AbortController();
  const volumes = watchVolumes(engine, end.signal);
  const first = (await volumes.next()).value ?? [];
  t.match(first, [{ record: { name: "data" }, users: [] }]);
  t.equal(first[0]?.size, undefined);
  t.match((await volumes.next()).value, [{ size: { bytes: 5, entries: 2 } }]);
  const later = volumes.next();
  await make("more");
  t.match((await later).value, [{ record: { name: "data" } }, { record: { name: "more" } }]);
  end.abort();
  t.ok((await volumes.return(undefined)).done);
});
