// A drawing with its charts in it: which lines lie on which rows, put together again only where one of them has changed. Pure.
import { type Chart, type Drawn, fillRows, fitLine, isSameLine, type Line, type Size } from "./cell.ts";
import { drawChart } from "./chart.ts";
import type { Glyphs } from "./glyph.ts";
import { overlaid } from "./panel.ts";

/** A line above another one. */
export interface Above {
  readonly left: number;
  readonly line: Line;
}

/** A row of the screen with what lies on it. */
export type Compose = (row: number, under: Line, above: readonly Above[], columns: number) => Line;

const compose: Compose = (_, under, above, columns) =>
  above.reduce((line, { left, line: next }) => overlaid(line, next, left, columns), under);

/** `compose`, which does nothing where a row and what lies on it are what they were the last time. */
export function keepRows(): Compose {
  const kept = new Map<number, { readonly under: Line; readonly above: readonly Above[]; readonly columns: number; readonly line: Line }>();
  return (row, under, above, columns) => {
    const last = kept.get(row);
    const isSame =
      last?.columns === columns &&
      last.above.length === above.length &&
      last.above.every(({ left, line }, at) => left === above[at]?.left && isSameLine(line, above[at].line)) &&
      isSameLine(last.under, under);
    if (isSame) return last.line;
    const line = compose(row, under, above, columns);
    kept.set(row, { under, above, columns, line });
    return line;
  };
}

/** A chart of characters, each line as wide as its area. */
export const drawFitted = (chart: Chart, glyphs: Glyphs): readonly Line[] =>
  drawChart(chart, glyphs).map((line) => fitLine(line, chart.area.columns));

/** The drawing with its charts in it. `render`: how one looks, each line as wide as its area. */
export function withCharts(
  { charts = [], ...drawn }: Drawn,
  { columns, rows }: Size,
  render: (chart: Chart) => readonly Line[],
  put: Compose = compose,
): Drawn {
  if (charts.length === 0) return drawn;
  const pictures = charts.map((chart) => ({ ...chart.area, lines: render(chart) }));
  const lines = fillRows(drawn.lines.slice(0, rows), rows).map((given, row) => {
    const above = pictures.flatMap(({ left, top, lines }): Above[] => {
      const line = lines[row - top];
      return line && row >= top ? [{ left, line }] : [];
    });
    if (above.length === 0) return given;
    return put(row, drawn.fits === columns && given.length > 0 ? given : fitLine(given, columns), above, columns);
  });
  return { lines, ...(drawn.cursor ? { cursor: drawn.cursor } : {}) };
}
