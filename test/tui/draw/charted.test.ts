import t from "tap";
import { type Chart, type Drawn, type Line, textOf } from "../../../tui/draw/cell.ts";
import { drawFitted, keepRows, withCharts } from "../../../tui/draw/charted.ts";
import { unicodeGlyphs } from "../../../tui/draw/glyph.ts";

const chart = (left: number, value: number): Chart => ({
  area: { left, top: 1, columns: 16, rows: 4 },
  title: "CPU",
  series: [{ name: "cpu", role: "series1", values: [value] }],
  top: 100,
  renderValue: (percent) => `${Math.round(percent)}%`,
  from: "-10m",
  to: "now",
});
const size = { columns: 40, rows: 6 };
const under: readonly Line[] = [[{ text: "x".repeat(40) }], [{ text: "y".repeat(40) }]];
const render = (one: Chart) => drawFitted(one, unicodeGlyphs);
const texts = ({ lines }: Drawn) => lines.map(textOf);

t.test("charts in their places", async (t) => {
  const drawn = withCharts({ lines: under, charts: [chart(2, 10), chart(20, 90)] }, size, render);
  t.equal(drawn.charts, undefined);
  t.same(texts(drawn).slice(0, 2), ["x".repeat(40), "yyCPU  cpu 10%    yyCPU  cpu 90%    yyyy"]);
  t.ok(texts(drawn).every((text, row) => text.length === (row === 5 ? 0 : 40)));
  t.same(withCharts({ lines: under, cursor: { column: 1, row: 1 } }, size, render), { lines: under, cursor: { column: 1, row: 1 } });
  t.equal(withCharts({ lines: [...under, ...under, ...under, ...under], charts: [chart(0, 1)] }, size, render).lines.length, 6);
});

t.test("rows that are kept are the same as rows that are made anew", async (t) => {
  const keep = keepRows();
  const drawings: readonly Drawn[] = [
    { lines: under, charts: [chart(2, 10), chart(20, 90)] },
    { lines: under, charts: [chart(2, 10), chart(20, 91)] },
    { lines: under, charts: [chart(3, 10), chart(20, 91)] },
    { lines: under.toReversed(), charts: [chart(3, 10), chart(20, 91)] },
    { lines: under, charts: [chart(3, 10)] },
    { lines: under, charts: [chart(2, 10), chart(20, 90)] },
  ];
  for (const drawn of drawings) {
    t.same(texts(withCharts(drawn, size, render, keep)), texts(withCharts(drawn, size, render)));
    const [first, second] = [withCharts(drawn, size, render, keep), withCharts(drawn, size, render, keep)];
    t.ok(first.lines.slice(1, 5).every((line, at) => line === second.lines[at + 1]));
  }
  t.equal(texts(withCharts(drawings[0] as Drawn, { columns: 38, rows: 6 }, render, keep))[1]?.length, 38);
});
