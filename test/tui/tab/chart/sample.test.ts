import t from "tap";
import { gapOf } from "../../../../src/engine/live/history.ts";
import { axisTop, binaryAxisTop, peakOf, resample } from "../../../../tui/tab/chart/sample.ts";

const ownValue = ({ value }: { readonly value: number }): number => value;
const span = (nowMs: number, spanMs: number, points: number, gapMs = 15_000) => ({ nowMs, spanMs, points, gapMs });
const each = (times: readonly number[], from = 0) => times.map((atMs, at) => ({ atMs, value: from + at }));

t.test("the greatest of each point, the newest last", async (t) => {
  const samples = each([100, 1901, 1999, 2000, 2050]);
  t.same(resample(samples, ownValue, span(2050, 200, 2)), [2, 4]);
  const falling = samples.map(({ atMs, value }) => ({ atMs, value: -value }));
  t.same(resample(falling, ownValue, span(2050, 200, 2)), [-1, -3]);
  t.same(resample([], ownValue, span(2050, 200, 2)), [undefined, undefined]);
});

t.test("a later sample than now is the newest, whatever the clock says", async (t) => {
  t.same(resample(each([1900, 2001]), ownValue, span(1999, 200, 2)), [0, 1]);
});

t.test("points are parts of time: the same until the next one begins, then all move by one", async (t) => {
  const samples = each(Array.from({ length: 600 }, (_, at) => at * 1000));
  const at = (seconds: number) => resample(samples.slice(0, seconds + 1), ownValue, span(seconds * 1000, 400_000, 100));
  const first = at(400);
  t.same(at(401).slice(0, -1), first.slice(0, -1));
  t.same(at(403).slice(0, -1), first.slice(0, -1));
  t.same(at(404).slice(0, -2), first.slice(1, -1));
});

t.test("more points than samples are no gaps, a while in which nobody looked is one", async (t) => {
  const known = (times: readonly number[]) =>
    resample(each(times), ownValue, span(60_000, 60_000, 120)).filter((value) => value !== undefined);
  t.equal(known(Array.from({ length: 60 }, (_, at) => (at + 1) * 1000)).length, 119, "the first stands alone");
  t.equal(known([30_000, 45_000, 60_000]).length, 61);
  t.equal(known([20_000, 60_000]).length, 2);
});

t.test("with long intervals samples lie further apart and make one curve", async (t) => {
  const known = (gapMs: number) =>
    resample(each([0, 20_000, 40_000, 60_000]), ownValue, span(60_000, 60_000, 60, gapMs)).filter((value) => value !== undefined);
  t.equal(known(gapOf(1000)).length, 3, "dots");
  t.equal(known(gapOf(20_000)).length, 60);
});

t.test("what came before the first point fills none", async (t) => {
  t.same(resample(each([0, 9000, 30_000]), ownValue, span(30_000, 2000, 2)), [undefined, 2]);
  t.same(resample(each([28_000, 30_000]), ownValue, span(30_000, 2000, 2)), [1, 1]);
});

t.test("peakOf", async (t) => {
  const samples = each([1000, 2000, 3000], 5)
    .toReversed()
    .map(({ value }, at) => ({ atMs: (at + 1) * 1000, value }));
  t.equal(peakOf(samples, [ownValue], 3000, 1500), 6, "the first is too old");
  t.equal(peakOf(samples, [ownValue, (sample) => sample.value * 2], 3000, 5000), 14);
  t.equal(peakOf([], [ownValue], 3000, 1500), 0);
});

t.test("axisTop", async (t) => {
  t.equal(axisTop(0, 10), 10);
  t.equal(axisTop(12, 10), 20);
  t.equal(axisTop(480, 10), 500);
  t.equal(axisTop(500, 10), 500);
  t.equal(binaryAxisTop(3000, 1024), 4096);
});
