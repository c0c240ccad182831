import t from "tap";
import { type Chart, textOf } from "../../../tui/draw/cell.ts";
import { drawChart } from "../../../tui/draw/chart.ts";
import { asciiGlyphs, unicodeGlyphs } from "../../../tui/draw/glyph.ts";

const chart = (change: Partial<Chart> = {}): Chart => ({
  area: { left: 0, top: 0, columns: 24, rows: 6 },
  title: "CPU",
  series: [{ name: "cpu", role: "series1", values: [undefined, undefined, 0, 25, 50, 75, 100, 100, undefined, 10] }],
  top: 100,
  renderValue: (value) => `${Math.round(value)}%`,
  from: "-10m",
  to: "now",
  ...change,
});

const text = (drawn: Chart, glyphs = unicodeGlyphs) => drawChart(drawn, glyphs).map(textOf);

t.test("columns, axis, ends and legend; gaps are blank, nothing is not", async (t) => {
  t.same(text(chart()), [
    "CPU  cpu 10%",
    "100%│            ████   ",
    "    │          ██████   ",
    " 50%│        ████████   ",
    "  0%│    ▁▁██████████  ▃",
    "     -10m            now",
  ]);
});

t.test("in ASCII, and a second series by another sign", async (t) => {
  const two = chart({
    series: [
      { name: "read", role: "series1", values: [100, 50, 0, 0] },
      { name: "written", role: "series2", values: [0, 0, 50, undefined] },
    ],
    renderValue: String,
  });
  const lines = text(two, asciiGlyphs);
  t.equal(lines[0], "CPU  # read 0  * written 50");
  t.ok(
    lines.every((line) => /^[ -~]*$/.test(line)),
    lines.join("\n"),
  );
  t.match(lines.slice(1, 5).join("\n"), /\*{5}/);
});

t.test("always as many lines as there are rows, none longer than the area", async (t) => {
  for (let columns = 0; columns < 40; columns++) {
    for (let rows = 0; rows < 9; rows++) {
      const lines = text(chart({ area: { left: 0, top: 0, columns, rows } }));
      t.ok(lines.length <= rows, `${columns}x${rows}`);
      if (columns >= 16 && rows >= 4)
        t.ok(lines.length === rows && lines.slice(1).every(({ length }) => length <= columns), `${columns}x${rows}`);
    }
  }
});

t.test("nothing sampled", async (t) => {
  const none = text(chart({ series: [{ name: "cpu", role: "series1", values: [] }] }));
  t.equal(none[0], "CPU  cpu -");
  t.same(text(chart({ series: [{ name: "cpu", role: "series1", values: [undefined, undefined] }] })).slice(1), none.slice(1));
  t.equal(text(chart({ top: 0 })).length, 1, "an axis without length");
});
