// What is drawn of a chart's curves, in dots: a cell of braille has two beside each other and four above each other. Whoever makes values for
// a chart asks how many, so that each has a dot of its own; as long as no dot is another, the picture is the same. Pure.
import type { Chart, Role, Series, Size } from "./cell.ts";

export interface Axis {
  /** Of values from 0 upwards, in equal steps; the top itself has none. */
  readonly labels: readonly string[];
  /** Columns of the longest; two at least. */
  readonly labelWidth: number;
  /** Dots left of the curves: labels and the axis. */
  readonly start: number;
  /** Dots that a curve has from the oldest value to the newest, and from nothing to the top. */
  readonly across: number;
  readonly up: number;
}

export interface Plot extends Axis {
  readonly size: Size;
  /** Dots above nothing, oldest first; -1 where nothing was sampled. */
  readonly curves: readonly { readonly role: Role; readonly dots: Int16Array }[];
  /** Words of the ends in time. */
  readonly from: string;
  readonly to: string;
}

/** Rows for one label. */
const labelRows = 2;
/** Of the rows of a chart those that are none of its curves': the legend, the axis and its words, half a row between. */
const dotsBelow = 13;

export function axisOf({ area: { columns, rows }, top, renderValue }: Pick<Chart, "area" | "top" | "renderValue">): Axis {
  const count = Math.min(Math.max(Math.floor((rows - 3) / labelRows), 2), 5);
  const labels = Array.from({ length: count }, (_, at) => renderValue((top * at) / count));
  const labelWidth = Math.max(...labels.map(({ length }) => length), 2);
  const start = 2 * labelWidth + 4;
  return { labels, labelWidth, start, across: Math.max(2 * columns - start, 1), up: Math.max(rows * 4 - dotsBelow, 1) };
}

export function plotOf(chart: Chart): Plot {
  const { area, series, top, from, to } = chart;
  const axis = axisOf(chart);
  const curves = series.map(({ role, values }) => ({ role, dots: dotsOf(values, top, axis.up) }));
  return { ...axis, size: { columns: area.columns, rows: area.rows }, curves, from, to };
}

function dotsOf(values: Series["values"], top: number, up: number): Int16Array {
  const dots = new Int16Array(values.length);
  for (let at = 0; at < dots.length; at++) dots[at] = dotOf(values[at], top, up);
  return dots;
}

/** What is not nothing has one dot at least. */
function dotOf(value: number | undefined, top: number, up: number): number {
  return value === undefined ? -1 : Math.min(Math.max(Math.ceil((value / top) * up), 0), up);
}

/** Whether both look the same. */
export const isSamePlot = (one: Plot, other: Plot): boolean =>
  one.size.columns === other.size.columns &&
  one.size.rows === other.size.rows &&
  one.from === other.from &&
  one.to === other.to &&
  one.labels.length === other.labels.length &&
  one.labels.every((label, at) => label === other.labels[at]) &&
  one.curves.length === other.curves.length &&
  one.curves.every(({ role, dots }, at) => {
    const curve = other.curves[at];
    return curve !== undefined && role === curve.role && isSame(dots, curve.dots);
  });

function isSame(one: Int16Array, other: Int16Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}
