import t from "tap";
import type { UsageSample } from "../../../../src/engine/live/usage.ts";
import { axisOf } from "../../../../tui/draw/plot.ts";
import { chartTab } from "../../../../tui/tab/chart/chart.ts";
import { areasOf, gridOf } from "../../../../tui/tab/chart/grid.ts";
import { binaryAxisTop } from "../../../../tui/tab/chart/sample.ts";
import { keyOf, makeSurroundings, runningRow } from "../../../fixture/dashboard.ts";
import { makeRecord, makeSpec } from "../../../fixture/request.ts";

const nowMs = Date.UTC(2026, 0, 2, 12);
const sample = (given: Partial<UsageSample> = {}): UsageSample => ({
  atMs: nowMs - 1000,
  cpuPercent: 12,
  throttledPercent: 0,
  memoryBytes: 10 << 20,
  memoryLimitBytes: 64 << 20,
  receivedBytesPerSecond: 0,
  sentBytesPerSecond: 3000,
  readBytesPerSecond: 0,
  writeBytesPerSecond: 0,
  pids: 3,
  pidsLimit: 0,
  ...given,
});
const record = makeRecord({ spec: makeSpec({ resources: { memoryBytes: 64 << 20, devices: "default" } }) });
const around = (samples: readonly UsageSample[], columns = 78, rows = 9) =>
  makeSurroundings({
    chosen: runningRow("web", { record }),
    nowMs,
    size: { columns, rows },
    fed: { usage: { latest: new Map(), history: () => samples, gapMs: 15_000 } },
  });
const pressed = (names: readonly string[], given = around([sample()])) =>
  names.reduce((state, name) => chartTab.update(state, { kind: "key", key: keyOf(name) }, given).state, chartTab.initial);
const charts = (names: readonly string[], given = around([sample()])) => chartTab.draw(pressed(names, given), given).charts ?? [];
const titles = (names: readonly string[], given = around([sample()])) => charts(names, given).map(({ title }) => title);

t.test("as many as have room", async (t) => {
  t.same(titles([]), ["> CPU", "Memory of 64M"]);
  t.same(titles(["right", "right"]), ["> Network", "Block I/O"]);
  t.same(titles(["down", "down", "right"]), ["CPU withheld", "> Processes, no limit"]);
  t.equal(titles([], around([sample()], 78, 20)).length, 6);
  t.equal(titles([], around([sample()], 29, 5)).length, 1);
  t.equal(titles([], around([sample()], 200, 40)).length, 6);
});

t.test("one alone, and back", async (t) => {
  t.same(titles(["right", "enter"]), ["Memory of 64M"]);
  t.same(titles(["right", "enter", "right"]), ["Network"]);
  t.equal(titles(["enter", "escape"]).length, 2);
  t.equal(chartTab.update(chartTab.initial, { kind: "key", key: keyOf("escape") }, around([])).isUnused, true);
});

t.test("a limit is drawn when it is near", async (t) => {
  const [, far] = charts([]);
  t.same(
    far?.series.map(({ name }) => name),
    ["used"],
  );
  t.equal(far?.top, 16 << 20);
  const [, near] = charts([], around([sample({ memoryBytes: 40 << 20 })]));
  t.same(
    near?.series.map(({ name }) => name),
    ["used", "limit"],
  );
  t.equal(near?.top, 64 << 20);
  t.equal(near?.renderValue(40 << 20), "40M");
});

t.test("a value for each dot; a short peak is seen, and the legend tells what is now", async (t) => {
  const samples = Array.from({ length: 600 }, (_, at) => sample({ atMs: nowMs - 1000 * (599 - at), cpuPercent: at === 300 ? 90 : 1 }));
  for (const columns of [62, 78, 130, 300]) {
    const [cpu] = charts(["enter"], around(samples, columns));
    t.equal(cpu?.series[0]?.values.length, cpu && axisOf(cpu).across);
    t.ok(cpu?.series[0]?.values.includes(90), `${columns} columns`);
    t.notOk(cpu?.series[0]?.values.slice(0, -1).includes(undefined), "one curve");
    t.equal(cpu?.series[0]?.newest, 1);
    t.equal(cpu?.top, 100);
  }
});

t.test("a press chooses, a second one enlarges", async (t) => {
  const given = around([sample()]);
  const press = (state: typeof chartTab.initial, column: number) =>
    chartTab.update(state, { kind: "mouse", mouse: { action: "press", column, row: 2 } }, given).state;
  const once = press(chartTab.initial, 60);
  t.same(once, { at: 1, isEnlarged: false });
  t.same(press(once, 60), { at: 1, isEnlarged: true });
});

t.test("nothing sampled", async (t) => {
  t.match(chartTab.draw(chartTab.initial, around([])).lines[0]?.[0]?.text, /nothing has been sampled/);
  t.match(chartTab.keep?.restore({ at: 99 }), undefined);
});

t.test("areas fill the room without lying on each other", async (t) => {
  for (const size of [
    { columns: 78, rows: 8 },
    { columns: 133, rows: 31 },
    { columns: 10, rows: 3 },
  ]) {
    for (const count of [1, 2, 5, 6]) {
      const grid = gridOf(size, count);
      const areas = areasOf(size, grid);
      t.ok(grid.across * grid.down <= Math.max(count + grid.across - 1, 1));
      t.ok(
        areas.every(({ left, top, columns, rows }) => left + columns <= size.columns && top + rows <= size.rows && columns > 0 && rows > 0),
      );
    }
  }
  t.equal(binaryAxisTop(1025, 1), 2048);
  t.equal(binaryAxisTop(0, 0), 1);
});
