import t from "tap";
import type { Chart } from "../../../tui/draw/cell.ts";
import { axisOf, isSamePlot, plotOf } from "../../../tui/draw/plot.ts";

const chart = (values: readonly (number | undefined)[], change: Partial<Chart> = {}): Chart => ({
  area: { left: 0, top: 0, columns: 40, rows: 10 },
  title: "CPU",
  series: [{ name: "used", role: "series1", values }],
  top: 100,
  renderValue: (value) => `${Math.round(value)}%`,
  from: "-10m",
  to: "now",
  ...change,
});

t.test("room for values: two in a column, behind the labels", async (t) => {
  const { labels, labelWidth, across, start, up } = axisOf(chart([]));
  t.same(labels, ["0%", "33%", "67%"]);
  t.equal(labelWidth, 3);
  t.equal(start + across, 80);
  t.equal(up, 27);
  for (let columns = 0; columns < 20; columns++) {
    for (let rows = 0; rows < 9; rows++) t.ok(axisOf(chart([], { area: { left: 0, top: 0, columns, rows } })).across >= 1);
  }
});

t.test("a dot for each value: nothing, hardly anything, the top and above, not sampled", async (t) => {
  t.same([...(plotOf(chart([0, 0.01, 50, 100, 300, undefined])).curves[0]?.dots ?? [])], [0, 1, 14, 27, 27, -1]);
});

t.test("the same as long as no dot is another", async (t) => {
  const isSame = (one: Chart, other: Chart) => isSamePlot(plotOf(one), plotOf(other));
  t.ok(isSame(chart([1, 50]), chart([1.1, 51], { title: "CPU of web" })));
  t.notOk(isSame(chart([1, 50]), chart([1, 55])));
  t.notOk(isSame(chart([1, 50]), chart([1, undefined])));
  t.notOk(isSame(chart([1, 50]), chart([1, 50, 50])));
  t.notOk(isSame(chart([1, 50]), chart([2, 100], { top: 200 })), "other labels");
  t.notOk(isSame(chart([1]), chart([1], { area: { left: 0, top: 0, columns: 41, rows: 10 } })));
  t.notOk(isSame(chart([1]), chart([1], { series: [{ name: "used", role: "series2", values: [1] }] })));
  t.notOk(isSame(chart([1]), chart([1], { series: [] })));
});
