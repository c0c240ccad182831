// Curves by blessed-contrib's line chart. The widget is never part of the screen: it lies there for the moment in which it draws, and
// its picture becomes lines of a drawing like any other, so it can neither blink nor leave anything behind.
import type blessed from "blessed";
// The one widget: the whole package takes fifty milliseconds more.
import makeLine from "blessed-contrib/lib/widget/charts/line.js";
import type { Chart, Line, RawStyle, Role, Series, Span } from "../draw/cell.ts";
import { legendOf } from "../draw/chart.ts";

export type RenderCurves = (chart: Chart) => readonly Line[];

/** contrib leaves this much of a widget empty around its canvas. */
const margin = { columns: 6, rows: 2 } as const;

interface Context {
  canvas: { frame(): string };
  strokeStyle: number | string;
  fillText(text: string, x: number, y: number): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}

interface LineWidget extends blessed.Widgets.Node {
  clearPos(): void;
  readonly ctx: Context;
  setData(data: readonly unknown[]): void;
}

/** contrib's name for the terminal's own colour. */
const own = "normal";

/** `colour`: number of a role's colour; undefined for the terminal's own. */
export function openCurves(screen: blessed.Widgets.Screen, colour: (role: Role) => number | undefined): RenderCurves {
  return (chart) => {
    const { columns, rows } = chart.area;
    const labels = Math.min(Math.max(Math.floor((rows - 3) / 2), 2), 5);
    const texts = Array.from({ length: labels }, (_, at) => chart.renderValue((chart.top * at) / labels));
    const labelWidth = Math.max(...texts.map(({ length }) => length));
    const widget = makeLine({
      screen,
      width: columns + margin.columns,
      // Its lowest row stays empty, and is left out.
      height: rows + margin.rows,
      maxY: 100,
      numYLabels: labels,
      xPadding: paddingOf(labelWidth),
      showLegend: false,
      style: { line: own, text: own, baseline: colour("dim") ?? own },
    }) as unknown as LineWidget;
    // Going away it would blank what others have drawn where it lies.
    widget.clearPos = () => {};
    screen.append(widget);
    try {
      const points = chart.series.map(({ values }) => values.length);
      correct(widget.ctx, { labels: texts, labelWidth, points, columns });
      widget.setData(chart.series.map((series) => dataOf(series, chart, colour(series.role) ?? own)));
      widget.ctx.fillText(chart.to, (columns - chart.to.length) * 2, (rows - 2) * 4);
      return [legendOf(chart, []), ...linesOf(widget.ctx.canvas.frame(), rows - 1)];
    } finally {
      widget.destroy();
    }
  };
}

/** In hundredths of the axis, so that contrib's own labels are as short as it reckons them. */
const dataOf = ({ name, values }: Series, { top, from }: Chart, line: number | string) => ({
  title: name,
  x: values.map((_, at) => (at === 0 ? from : "")),
  y: values.map((value) => (value === undefined ? Number.NaN : Math.min(Math.max((value / top) * 100, 0), 100))),
  style: { line },
});

/** Dots left of the axis; two stand side by side in a cell. */
const paddingOf = (labelWidth: number): number => 2 * labelWidth + 2;
/** Between the axis and the first value. */
const axisGap = 2;

interface Correction {
  readonly labels: readonly string[];
  readonly labelWidth: number;
  /** Values of each series. */
  readonly points: readonly number[];
  readonly columns: number;
}

/**
 * Its labels of values are numbers, it knows no gaps, and it puts the newest values behind the right edge: all three are put right on the
 * way to its canvas. It draws the curves first, point by point, then the axes.
 */
function correct(context: Context, { labels, labelWidth, points, columns }: Correction): void {
  const start = paddingOf(labelWidth) + axisGap;
  const stretch = (x: number, count: number) => {
    const step = (2 * columns - paddingOf(labelWidth)) / Math.max(count, 1);
    return start + ((x - start) / step) * ((2 * columns - 1 - start) / Math.max(count - 1, 1));
  };
  const counts = points.flatMap((count) => Array<number>(Math.max(count, 1)).fill(count));
  const write = context.fillText.bind(context);
  const draw = context.lineTo.bind(context);
  let written = 0;
  let isBroken = false;
  context.fillText = (text, x, y) => {
    const label = labels[written++];
    if (text === "") return;
    if (label === undefined) write(text, x, y);
    else write(label.padStart(labelWidth), 0, y);
  };
  let place = 0;
  context.lineTo = (wanted, y) => {
    const count = counts[place++];
    const x = count === undefined ? wanted : stretch(wanted, count);
    if (Number.isNaN(y)) {
      isBroken = true;
      return;
    }
    // A value alone between two gaps is a point.
    if (isBroken) context.moveTo(x, y);
    isBroken = false;
    draw(x, y);
  };
}

const coloured = (foreground: number): RawStyle => ({ foreground, background: -1 });

/** contrib's picture as lines: it writes each cell between the sequences of its colour. */
function linesOf(frame: string, rows: number): readonly Line[] {
  return frame
    .split("\n")
    .slice(0, rows)
    .map((row) => {
      const spans: Span[] = [];
      let style: RawStyle | undefined;
      for (const [whole, sequence] of row.matchAll(/\x1b\[([\d;]*)m|[^\x1b]/g)) {
        if (sequence !== undefined) {
          const number = /^38;5;(\d+)$/.exec(sequence)?.[1];
          if (number !== undefined) style = coloured(Number(number));
          else if (sequence === "39") style = undefined;
          continue;
        }
        const last = spans.at(-1);
        if (last && last.raw === style) spans[spans.length - 1] = { ...last, text: last.text + whole };
        else spans.push(style ? { text: whole, raw: style } : { text: whole });
      }
      return spans;
    });
}
