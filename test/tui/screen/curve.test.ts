// contrib's widget, drawn aside on a screen that nobody sees.
import { EventEmitter } from "node:events";
import blessed from "blessed";
import t from "tap";
import { type Chart, textOf } from "../../../tui/draw/cell.ts";
import { plotOf } from "../../../tui/draw/plot.ts";
import { openCurves } from "../../../tui/screen/curve.ts";

const written: string[] = [];
const output = Object.assign(new EventEmitter(), {
  ...{ columns: 80, rows: 24, isTTY: true, writable: true },
  write: (text: string) => written.push(text) > 0,
});
const screen = blessed.screen({
  input: new EventEmitter() as NodeJS.ReadStream,
  output: output as unknown as NodeJS.WriteStream,
  terminal: "xterm",
});
t.teardown(() => screen.destroy());
const curves = openCurves(screen, (role) => ({ series1: 114, series2: 203, dim: 246 })[role as string]);

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

const picture = (one: Chart) => curves(plotOf(one));
const braille = /[\u2801-\u28ff]/;
/** What is drawn of the first series, without axes. */
const drawn = (one: Chart) =>
  picture(one).map((line) => line.map(({ text, raw }) => (raw?.foreground === 114 ? text : " ".repeat(text.length))).join(""));

t.test("a frame of its area, labels of its values, its ends", async (t) => {
  const lines = picture(chart(Array.from({ length: 60 }, (_, at) => at))).map(textOf);
  t.equal(lines.length, 9, "the legend is above");
  t.ok(lines.every(({ length }) => length <= 40));
  t.match(lines.join("\n"), / 0% .*\n/);
  t.match(lines.join("\n"), /67%/);
  t.match(lines.at(-1), /-10m .*now$/);
  t.notMatch(lines.join("\n"), /null|undefined|NaN/);
});

/** Dots of the first series as they stand: rows from above, columns from the left. */
function dotsOf(one: Chart): ReadonlySet<string> {
  const masks = [1, 2, 4, 64, 8, 16, 32, 128];
  const found = new Set<string>();
  for (const [row, text] of drawn(one).entries()) {
    for (const [column, sign] of [...text].entries()) {
      if (!braille.test(sign)) continue;
      const bits = (sign.codePointAt(0) ?? 0) - 0x2800;
      for (const [at, mask] of masks.entries()) if (bits & mask) found.add(`${row * 4 + (at % 4)},${column * 2 + Math.floor(at / 4)}`);
    }
  }
  return found;
}

t.test("each value has the dot that was reckoned for it", async (t) => {
  const { across, start, up, size } = plotOf(chart([]));
  const values = Array.from({ length: across }, (_, at) => (at * 37) % 101);
  const dots = dotsOf(chart(values));
  for (const [at, value] of values.entries()) {
    const row = size.rows * 4 - 13 - Math.ceil((value / 100) * up);
    t.ok(dots.has(`${row},${start + at}`), `${value} at ${at}`);
  }
});

t.test("the same canvas for one chart after the other: nothing of the last is left", async (t) => {
  const high = chart(Array(60).fill(100));
  const low = chart(Array(60).fill(0), { from: "a", to: "b" });
  const fresh = picture(high);
  const other = picture(low).map(textOf);
  t.same(picture(high), fresh);
  t.match(other.at(-1), /^ +a +b$/);
  t.equal([...dotsOf(low)].filter((dot) => !dot.startsWith("27,")).length, 0);
});

t.test("several curves and their gaps", async (t) => {
  const [none, some] = [Array(60).fill(undefined), [...Array(30).fill(undefined), ...Array(30).fill(50)]];
  const series = (values: readonly (number | undefined)[], role: "series1" | "series2") => ({ name: role, role, values });
  const alone = dotsOf(chart(some));
  t.same(dotsOf(chart([], { series: [series(none, "series2"), series(some, "series1")] })), alone);
  t.same(dotsOf(chart([], { series: [series(some, "series1"), series(none, "series2")] })), alone);
});

t.test("gaps are none, a value between two is a point, the newest is at the right", async (t) => {
  const gap = (from: number, to: number) => Array.from({ length: 60 }, (_, at) => (at >= from && at < to ? undefined : 50));
  const columnsOf = (one: Chart) => {
    const found = new Set<number>();
    for (const line of drawn(one)) for (const [at, sign] of [...line].entries()) if (braille.test(sign)) found.add(at);
    return [...found].sort((a, b) => a - b);
  };
  const newest = columnsOf(chart(gap(0, 57)));
  t.ok(newest.length >= 1 && (newest[0] ?? 0) >= 36 && newest.at(-1) === 39, `columns ${newest}`);
  const middle = columnsOf(chart(gap(20, 40)));
  t.ok(middle.length > 15 && !middle.includes(24), `columns ${middle}`);
  t.equal(columnsOf(chart([...Array(30).fill(undefined), 50, ...Array(29).fill(undefined)])).length, 1);
  t.same(columnsOf(chart(Array(60).fill(undefined))), []);
  t.same(columnsOf(chart([])), []);
  t.equal(columnsOf(chart([50, ...Array(59).fill(undefined)])).length, 1, "also the oldest");
});

t.test("nothing of it stays on the screen or goes to the terminal", async (t) => {
  screen.render();
  const before = written.length;
  picture(chart([1, 2, 3]));
  t.equal(screen.children.length, 0);
  t.equal(written.length, before);
});
