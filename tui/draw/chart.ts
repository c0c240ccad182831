// A chart drawn of characters alone: columns for the first series, marks for the others, an axis of values, the ends in time, and a legend
// that says each name and its newest value. Where there is no room, no Unicode or no screen. Pure.
import { type Chart, fitText, type Line, line, type Role, type Series, type Size, type Span, span } from "./cell.ts";
import type { Glyphs } from "./glyph.ts";

/** Less than that is one line of numbers. */
const least: Size = { columns: 16, rows: 4 };

const marks = { ascii: ["#", "*", "o", "x"], unicode: ["█", "•", "◦", "×"] } as const;

const newestOf = ({ values, newest }: Series): number | undefined => newest ?? values.findLast((value) => value !== undefined);

/** Title, then each series by its sign, name and newest value. `signs`: empty where the curves have none. */
export function legendOf({ title, series, renderValue }: Chart, signs: readonly string[]): Line {
  const named = series.flatMap((one, place): Span[] => {
    const value = newestOf(one);
    const sign = signs[place] === undefined ? "" : `${signs[place]} `;
    return [span("  "), span(`${sign}${one.name} ${value === undefined ? "-" : renderValue(value)}`, one.role)];
  });
  return [span(title, "strong"), ...named];
}

/** Greatest value of each column; undefined where nothing was sampled. */
function columnsOf({ values }: Series, count: number): readonly (number | undefined)[] {
  return Array.from({ length: count }, (_, column) => {
    const from = Math.floor((column * values.length) / count);
    const to = Math.max(Math.floor(((column + 1) * values.length) / count), from + 1);
    const known = values.slice(from, to).filter((value) => value !== undefined);
    return known.length === 0 ? undefined : Math.max(...known);
  });
}

/** Sign of a column at a row above the bottom; undefined for none. */
function columnSign(value: number | undefined, row: number, rows: number, top: number, { levels, full }: Glyphs): string | undefined {
  if (value === undefined) return undefined;
  const steps = levels.length;
  const height = Math.round(Math.min(Math.max(value / top, 0), 1) * rows * steps) - row * steps;
  if (height >= steps) return full;
  if (height > 0) return levels[height - 1];
  // What was sampled as nothing differs from what was not sampled.
  return row === 0 ? levels[0] : undefined;
}

interface Plot {
  readonly chart: Chart;
  readonly glyphs: Glyphs;
  readonly columns: readonly (readonly (number | undefined)[])[];
  readonly rows: number;
}

function cellOf(
  { chart: { series, top }, glyphs, columns, rows }: Plot,
  column: number,
  row: number,
): { sign: string; role: Role } | undefined {
  const signs = glyphs.isAscii ? marks.ascii : marks.unicode;
  for (let place = series.length - 1; place > 0; place--) {
    const value = columns[place]?.[column];
    if (value === undefined || value <= 0) continue;
    if (Math.min(Math.floor((value / top) * rows), rows - 1) === row)
      return { sign: signs[place] ?? "+", role: series[place]?.role ?? "plain" };
  }
  const sign = columnSign(columns[0]?.[column], row, rows, top, glyphs);
  return sign === undefined ? undefined : { sign, role: series[0]?.role ?? "plain" };
}

function rowOf(plot: Plot, row: number): Line {
  const spans: Span[] = [];
  const width = plot.columns[0]?.length ?? 0;
  for (let column = 0; column < width; column++) {
    const cell = cellOf(plot, column, row);
    const last = spans.at(-1);
    const text = cell?.sign ?? " ";
    if (last && last.role === cell?.role) spans[spans.length - 1] = { ...last, text: last.text + text };
    else spans.push(span(text, cell?.role));
  }
  return spans;
}

/** As many lines as the chart's area has rows. */
export function drawChart(chart: Chart, glyphs: Glyphs): readonly Line[] {
  const { area, series, top, renderValue, from, to } = chart;
  const legend = legendOf(chart, series.length > 1 ? (glyphs.isAscii ? marks.ascii : marks.unicode) : []);
  if (area.rows < least.rows || area.columns < least.columns || top <= 0) return [legend].slice(0, area.rows);
  const rows = area.rows - 2;
  const values = [top, top / 2, 0].map(renderValue);
  const labelWidth = Math.min(Math.max(...values.map(({ length }) => length)), Math.floor(area.columns / 3));
  const width = area.columns - labelWidth - 1;
  const plot: Plot = { chart, glyphs, rows, columns: series.map((one) => columnsOf(one, width)) };
  const labels = new Map([
    [Math.floor((rows - 1) / 2), values[1] ?? ""],
    [0, values[2] ?? ""],
    [rows - 1, values[0] ?? ""],
  ]);
  const lines = Array.from({ length: rows }, (_, at): Line => {
    const row = rows - 1 - at;
    const label = fitText(labels.get(row) ?? "", labelWidth, glyphs.cut, "right");
    return [span(label, "dim"), span(glyphs.vertical, "border"), ...rowOf(plot, row)];
  });
  const gap = " ".repeat(Math.max(width - from.length - to.length, 1));
  return [legend, ...lines, line(`${" ".repeat(labelWidth + 1)}${from}${gap}${to}`, "dim")];
}
