// Ten minutes of samples in few bytes: a ring that grows, what is old goes, what comes too fast is thinned out.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import t from "tap";
import { createUsageHistory } from "../../../src/engine/live/history.ts";
import { makeSample } from "../../fixture/usage.ts";

t.test("what went in comes out, oldest first", async (t) => {
  const history = createUsageHistory();
  t.same(history.read(), []);
  const first = makeSample({ atMs: 1000, cpuPercent: 12.5, memoryBytes: 2 ** 30, pids: 3, pidsLimit: 7, writeBytesPerSecond: 4096 });
  const second = makeSample({ atMs: 2000, pressure: { cpu: 0.5, memory: 0, io: 100 } });
  history.push(first);
  history.push(second);
  t.same(history.read(), [first, second]);
  t.equal(history.lastMs, 2000);
});

t.test("600 at most, of ten minutes at most, in their order through all growing", async (t) => {
  const history = createUsageHistory();
  for (let at = 0; at < 2000; at++) history.push(makeSample({ atMs: at * 1000, pids: at }));
  const kept = history.read();
  t.equal(kept.length, 600);
  t.same([kept[0]?.pids, kept.at(-1)?.pids], [1400, 1999]);
  t.ok(kept.every(({ atMs, pids }) => atMs === pids * 1000));
  history.push(makeSample({ atMs: 1999 * 1000 + 595_000 }));
  t.same(
    history.read().map(({ pids }) => pids),
    [1994, 1995, 1996, 1997, 1998, 1999, 0],
    "what is older than ten minutes has gone",
  );
});

t.test("read again: the same samples, without those that have gone, with those that came", async (t) => {
  const history = createUsageHistory();
  for (let at = 0; at < 600; at++) history.push(makeSample({ atMs: at * 1000, pids: at }));
  const first = history.read();
  history.push(makeSample({ atMs: 600_000, pids: 600 }));
  history.push(makeSample({ atMs: 601_000, pids: 601 }));
  const second = history.read(first);
  t.same(second, history.read());
  t.same([second.length, second[0]?.pids, second.at(-1)?.pids], [600, 2, 601]);
  t.ok(second.slice(0, -2).every((sample, at) => sample === first[at + 2]));
  history.push(makeSample({ atMs: 300_500, pids: 7 }));
  t.same(history.read(second), history.read(), "the clock was set back");
  t.same(history.read(first.slice(5)), history.read(), "whatever was read before");
});

t.test("samples that come fast are thinned out, the newest stays", async (t) => {
  const history = createUsageHistory();
  for (let atMs = 0; atMs <= 5000; atMs += 100) history.push(makeSample({ atMs }));
  const times = history.read().map(({ atMs }) => atMs);
  t.equal(times[0], 0);
  t.equal(times.at(-1), 5000);
  t.ok(times.length <= 7, `${times}`);
});

t.test("a clock that is set back: what was later has gone", async (t) => {
  const history = createUsageHistory();
  for (const atMs of [1000, 2000, 3000, 1500]) history.push(makeSample({ atMs }));
  t.same(
    history.read().map(({ atMs }) => atMs),
    [1000, 1500],
  );
});

t.test("500 containers take less than 25 MB", async (t) => {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const bytes = () => {
    collect();
    return process.memoryUsage().arrayBuffers;
  };
  const before = bytes();
  const all = Array.from({ length: 500 }, () => createUsageHistory());
  for (const history of all) for (let at = 0; at < 600; at++) history.push(makeSample({ atMs: at * 1000 }));
  const taken = bytes() - before;
  t.ok(taken < 25e6, `${taken} bytes`);
  t.ok(taken > 500 * 600 * 8, "they are there");
  t.ok(all.every((history) => history.lastMs === 599_000));
});
