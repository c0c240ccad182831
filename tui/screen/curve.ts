// Curves by blessed-contrib's line chart. The widget is never part of the screen: it lies there for the moment in which it gets its canvas,
// and its picture becomes lines of a drawing like any other, so it can neither blink nor leave anything behind.
import type blessed from "blessed";
// The one widget: the whole package takes fifty milliseconds more.
import makeLine from "blessed-contrib/lib/widget/charts/line.js";
import type { Line, RawStyle, Role, Span } from "../draw/cell.ts";
import type { Plot } from "../draw/plot.ts";

/** The picture of a plot: axis, labels, curves. */
export type RenderCurves = (plot: Plot) => readonly Line[];

/** contrib leaves this much of a widget empty around its canvas. */
const margin = { columns: 6, rows: 2 } as const;

/** Dots of contrib's canvas below its axis. */
const dotsBelow = 11;

interface Canvas {
  readonly content: Buffer;
  readonly chars: (string | null)[];
  frame(): string;
}

interface Context {
  readonly canvas: Canvas;
  clearRect(): void;
  beginPath(): void;
  fillText(text: string, x: number, y: number): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}

interface LineWidget extends blessed.Widgets.Node {
  clearPos(): void;
  readonly ctx: Context;
  readonly options: { xPadding: number };
  setData(data: readonly unknown[]): void;
}

/** A widget that draws one plot after the other. */
interface Pen {
  readonly widget: LineWidget;
  draw(plot: Plot): void;
}

/** contrib's name for the terminal's own colour. */
const own = "normal";

/** Sizes whose canvases are kept. */
const mostPens = 8;

/** `colour`: number of a role's colour; undefined for the terminal's own. */
export function openCurves(screen: blessed.Widgets.Screen, colour: (role: Role) => number | undefined): RenderCurves {
  const pens = new Map<string, Pen>();
  const styles = new Map<number, RawStyle>();
  const styleOf = (number: number): RawStyle => {
    const style = styles.get(number) ?? { foreground: number, background: -1 };
    styles.set(number, style);
    return style;
  };
  const colourOf = (role: Role) => colour(role) ?? own;
  return (plot) => {
    const { columns, rows } = plot.size;
    const key = `${columns}x${rows}`;
    const pen = pens.get(key) ?? makePen(screen, plot, colourOf);
    pens.set(key, pen);
    for (const [oldest] of pens) if (pens.size > mostPens) pens.delete(oldest);
    pen.draw(plot);
    return linesOf(pen.widget.ctx.canvas.frame(), rows - 1, styleOf);
  };
}

function makePen(screen: blessed.Widgets.Screen, { size, labels }: Plot, colourOf: (role: Role) => number | string): Pen {
  const widget = makeLine({
    screen,
    width: size.columns + margin.columns,
    // Its lowest row stays empty, and is left out.
    height: size.rows + margin.rows,
    maxY: 100,
    numYLabels: labels.length,
    showLegend: false,
    style: { line: own, text: own, baseline: colourOf("dim") },
  }) as unknown as LineWidget;
  // Going away it would blank what others have drawn where it lies.
  widget.clearPos = () => {};
  screen.append(widget);
  screen.remove(widget);
  const correct = corrector(widget.ctx);
  return {
    widget,
    draw(plot) {
      correct(plot);
      // Dots left of the axis.
      widget.options.xPadding = plot.start - 2;
      widget.setData(plot.curves.map(({ role, dots }) => dataOf(dots, plot, colourOf(role))));
      widget.ctx.fillText(plot.to, (size.columns - plot.to.length) * 2, (size.rows - 2) * 4);
    },
  };
}

/** In hundredths of the axis, as contrib turns them into dots again. */
const dataOf = (dots: ArrayLike<number>, { size, from }: Plot, line: number | string) => ({
  title: "",
  x: Array.from(dots, (_, at) => (at === 0 ? from : "")),
  y: Array.from(dots, (dot) => (dot < 0 ? Number.NaN : (dot * 100) / (size.rows * 4 - dotsBelow))),
  style: { line },
});

/**
 * Its labels of values are numbers, it knows no gaps, it puts the newest values behind the right edge, and it takes dot after dot away where
 * it begins anew: all is put right on the way to its canvas. It draws the curves first, point by point, then the axes.
 */
function corrector(context: Context): (plot: Plot) => void {
  const { canvas } = context;
  const write = context.fillText.bind(context);
  const draw = context.lineTo.bind(context);
  const begin = context.beginPath.bind(context);
  let plot: Plot | undefined;
  let written = 0;
  /** The curve, and the point of it; the axes come after the last. */
  let [curve, point] = [-1, 0];
  let isBroken = true;
  context.clearRect = () => {
    canvas.content.fill(0);
    canvas.chars.fill(null);
  };
  context.fillText = (text, x, y) => {
    const label = plot?.labels[written++];
    if (text === "") return;
    if (label === undefined) write(text, x, y);
    else write(label.padStart(plot?.labelWidth ?? 0), 0, y);
  };
  context.beginPath = () => {
    curve++;
    point = 0;
    isBroken = true;
    begin();
  };
  context.lineTo = (wanted, height) => {
    const points = plot?.curves[curve]?.dots.length;
    const x = plot && points !== undefined ? plot.start + Math.round((point++ * (plot.across - 1)) / Math.max(points - 1, 1)) : wanted;
    // Its own sums are off by less than a dot.
    const y = Math.round(height);
    if (Number.isNaN(y)) {
      isBroken = true;
      return;
    }
    // A value alone between two gaps is a point.
    if (isBroken) context.moveTo(x, y);
    isBroken = false;
    draw(x, y);
  };
  return (next) => {
    plot = next;
    written = 0;
    curve = -1;
  };
}

/** contrib's picture as lines: it writes each cell between the sequences of its colour. */
function linesOf(frame: string, rows: number, styleOf: (colour: number) => RawStyle): readonly Line[] {
  return frame
    .split("\n")
    .slice(0, rows)
    .map((row) => {
      const spans: Span[] = [];
      let style: RawStyle | undefined;
      let shown: RawStyle | undefined;
      let text = "";
      const close = () => {
        if (text !== "") spans.push(shown ? { text, raw: shown } : { text });
        text = "";
      };
      for (let at = 0; at < row.length; at++) {
        if (row[at] === "\x1b") {
          const end = row.indexOf("m", at);
          const number = /^\[38;5;(\d+)$/.exec(row.slice(at + 1, end))?.[1];
          if (number !== undefined) style = styleOf(Number(number));
          else if (row.startsWith("[39", at + 1)) style = undefined;
          at = end;
          continue;
        }
        if (style !== shown) close();
        shown = style;
        text += row.charAt(at);
      }
      close();
      return spans;
    });
}
