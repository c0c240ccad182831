// contrib's widget, drawn aside on a screen that nobody sees.
import { EventEmitter } from "node:events";
import blessed from "blessed";
import t from "tap";
import { type Chart, textOf } from "../../../tui/draw/cell.ts";
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

const braille = /[\u2801-\u28ff]/;
/** What is drawn of the first series, without axes. */
const drawn = (one: Chart) =>
  curves(one).map((line) => line.map(({ text, raw }) => (raw?.foreground === 114 ? text : " ".repeat(text.length))).join(""));

t.test("a frame of its area, labels of its values, its ends", async (t) => {
  const lines = curves(chart(Array.from({ length: 60 }, (_, at) => at))).map(textOf);
  t.equal(lines.length, 10);
  t.ok(lines.every(({ length }) => length <= 40));
  t.equal(lines[0], "CPU  used 59%");
  t.match(lines.join("\n"), / 0% .*\n/);
  t.match(lines.join("\n"), /67%/);
  t.match(lines.at(-1), /-10m .*now$/);
  t.notMatch(lines.join("\n"), /null|undefined|NaN/);
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
});

t.test("nothing of it stays on the screen or goes to the terminal", async (t) => {
  screen.render();
  const before = written.length;
  curves(chart([1, 2, 3]));
  t.equal(screen.children.length, 0);
  t.equal(written.length, before);
});
