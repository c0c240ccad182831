// One command at a time: locks of living, dead and own processes.
import t from "tap";
import type { Engine } from "../../src/engine/engine.ts";
import { awaitLock, isLocked, releaseLock, takeLock, tryLock, withLock } from "../../src/engine/lock.ts";
import { readStartTime } from "../../src/kernel/proc/identity.ts";
import { readHolder, writeHolder } from "../../src/store/operation-lock.ts";
import { openTestEngine } from "../fixture/store.ts";

/** The process that started this test lives as long as it: as good as another command at work. */
const living = { pid: process.ppid, startTime: readStartTime(process.ppid) ?? 0 };
const gone = { pid: process.ppid, startTime: living.startTime + 1 };
const hold = (engine: Engine, holder: { pid: number; startTime: number }, name = "start") =>
  writeHolder(engine.store, "c", { name, ...holder });

t.test("free", async (t) => {
  const engine = openTestEngine(t);
  t.equal(isLocked(engine, "c"), false);
  takeLock(engine, "c", "start", "container c");
  t.same(readHolder(engine.store, "c"), { name: "start", ...engine.self });
  t.equal(isLocked(engine, "c"), false, "one's own is no obstacle");
  takeLock(engine, "c", "stop", "container c");
  t.equal(readHolder(engine.store, "c")?.name, "stop");
  releaseLock(engine, "c");
  t.equal(readHolder(engine.store, "c"), undefined);
});

t.test("held by another command", async (t) => {
  const engine = openTestEngine(t);
  hold(engine, living);
  t.equal(isLocked(engine, "c"), true);
  t.throws(() => takeLock(engine, "c", "stop", "container c"), {
    code: "operation-in-progress",
    message: new RegExp(`pid ${process.ppid}`),
  });
  t.equal(tryLock(engine, "c", "clean up"), false);
  releaseLock(engine, "c");
  t.match(readHolder(engine.store, "c"), living, "only its holder gives it back");
  t.equal(awaitLock(engine, "c", "clean up"), false, "it is at something else: not waited for");
});

t.test("left by a process that is gone, its pid in use again", async (t) => {
  const engine = openTestEngine(t);
  hold(engine, gone);
  t.equal(isLocked(engine, "c"), false);
  t.equal(awaitLock(engine, "c", "clean up"), true);
  t.equal(tryLock(engine, "c", "clean up"), true);
  t.match(readHolder(engine.store, "c"), { name: "clean up", pid: process.pid });
});

t.test("nothing to do any more", async (t) => {
  const engine = openTestEngine(t);
  t.equal(
    tryLock(engine, "c", "clean up", () => false),
    false,
  );
  t.equal(readHolder(engine.store, "c"), undefined);
});

t.test("around short work", async (t) => {
  const engine = openTestEngine(t);
  hold(engine, gone);
  t.equal(
    await withLock(engine, "c", "set up", async () => {
      t.equal(readHolder(engine.store, "c")?.name, "set up");
      return 5;
    }),
    5,
  );
  t.equal(readHolder(engine.store, "c"), undefined);
  await t.rejects(
    withLock(engine, "c", "set up", async () => {
      throw new Error("failed");
    }),
    { message: "failed" },
  );
  t.equal(readHolder(engine.store, "c"), undefined, "given back after a failure too");
});
