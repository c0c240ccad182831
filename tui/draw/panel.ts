// Putting drawings together: a frame with a title around one, and several on one screen. Pure.
import { type Area, type Chart, type Drawn, fitLine, type Line, type Size, type Span, span, visible, widthOf } from "./cell.ts";
import type { Glyphs } from "./glyph.ts";

export interface PanelLook {
  /** Spans in the upper edge, from the left. */
  readonly title: Line;
  /** In the upper edge, at the right. */
  readonly note?: Line;
  readonly isFocused: boolean;
  readonly glyphs: Glyphs;
}

/** What is left inside of a panel. */
export const insideOf = ({ columns, rows }: Size): Size => ({ columns: Math.max(columns - 2, 0), rows: Math.max(rows - 2, 0) });

/** With fewer columns a note says nothing. */
const leastNote = 8;

function edge(look: PanelLook, columns: number): Line {
  const { title, note, glyphs, isFocused } = look;
  const role = isFocused ? "focus" : "border";
  const [left, right] = glyphs.corners;
  const room = Math.max(columns - 2, 0);
  const named: Line = [span(`${glyphs.horizontal} `, role), ...title, span(" ", role)];
  const space = room - widthOf(named) - 3;
  const shown: Line =
    !note || space < leastNote ? [] : widthOf(note) <= space ? note : [...fitLine(note, space - 1), span(glyphs.cut, role)];
  const noted: Line = widthOf(shown) > 0 ? [span(" ", role), ...shown, span(` ${glyphs.horizontal}`, role)] : [];
  const between = Math.max(room - widthOf(named) - widthOf(noted), 0);
  const all: Line = [...named, span(glyphs.horizontal.repeat(between), role), ...noted];
  return [span(left, role), ...fitLine(all, room, role), span(right, role)];
}

const nothing: Line = [];

/** Lines in their frames, as they were drawn last: what is kept shows in nothing but time. */
const kept = new WeakMap<Line, { readonly side: Span; readonly columns: number; readonly line: Line }>();

function framed(inner: Line, side: Span, columns: number): Line {
  const last = kept.get(inner);
  if (last?.columns === columns && last.side.text === side.text && last.side.role === side.role) return last.line;
  const line = [side, ...fitLine(inner, columns), side];
  kept.set(inner, { side, columns, line });
  return line;
}

/** A drawing in a frame of this size. */
export function panel(inner: Drawn, look: PanelLook, size: Size): Drawn {
  const { glyphs, isFocused } = look;
  const role = isFocused ? "focus" : "border";
  const { columns, rows } = insideOf(size);
  const side = span(glyphs.vertical, role);
  const body = Array.from({ length: rows }, (_, row): Line => framed(inner.lines[row] ?? nothing, side, columns));
  const bottom: Line = [span(glyphs.corners[2] + glyphs.horizontal.repeat(columns) + glyphs.corners[3], role)];
  return {
    lines: [edge(look, size.columns), ...body, bottom].slice(0, size.rows),
    ...(size.columns >= 2 ? { fits: size.columns } : {}),
    ...(inner.charts ? { charts: inner.charts.map((chart) => movedChart(chart, 1, 1)) } : {}),
    ...(inner.cursor ? { cursor: { column: inner.cursor.column + 1, row: inner.cursor.row + 1 } } : {}),
  };
}

const movedChart = (chart: Chart, left: number, top: number): Chart => ({
  ...chart,
  area: { ...chart.area, left: chart.area.left + left, top: chart.area.top + top },
});

export interface Placed {
  readonly area: Area;
  readonly drawn: Drawn;
}

/** One drawing on another; later ones lie above earlier ones and hide their charts. */
export function layered(size: Size, placed: readonly Placed[]): Drawn {
  const rows: Line[] = Array.from({ length: size.rows }, () => []);
  // What comes from the left to the right is put together, only what lies above something is cut into it.
  const widths = new Uint16Array(size.rows);
  let charts: Chart[] = [];
  let cursor: Drawn["cursor"];
  for (const { area, drawn } of placed) {
    for (let row = 0; row < Math.min(area.rows, size.rows - area.top); row++) {
      const at = area.top + row;
      const given = drawn.lines[row] ?? [];
      const above = drawn.fits === area.columns && given.length > 0 ? given : fitLine(given, area.columns);
      if (widths[at] === area.left && area.left + area.columns <= size.columns) {
        rows[at] = area.left === 0 ? above : [...(rows[at] ?? []), ...above];
        widths[at] = area.left + area.columns;
      } else {
        const under = rows[at] ?? [];
        rows[at] = overlaid(widths[at] === size.columns ? under : fitLine(under, size.columns), above, area.left, size.columns);
        widths[at] = size.columns;
      }
    }
    charts = charts.filter((chart) => !overlaps(chart.area, area));
    charts.push(...(drawn.charts ?? []).map((chart) => movedChart(chart, area.left, area.top)));
    cursor = drawn.cursor ? { column: drawn.cursor.column + area.left, row: drawn.cursor.row + area.top } : cursor;
  }
  const lines = rows.map((spans, at) => (widths[at] === size.columns ? spans : fitLine(spans, size.columns)));
  return { lines, fits: size.columns, charts, ...(cursor ? { cursor } : {}) };
}

const overlaps = (one: Area, other: Area): boolean =>
  one.left < other.left + other.columns &&
  other.left < one.left + one.columns &&
  one.top < other.top + other.rows &&
  other.top < one.top + one.rows;

/** One line with another one above it, which begins behind so many columns. Both take the width they have. */
export function overlaid(below: Line, above: Line, left: number, columns: number): Line {
  if (left === 0 && widthOf(above) >= columns) return fitLine(above, columns);
  const start = fitLine(below, left);
  const end = left + widthOf(above);
  return [...start, ...above, ...restOf(below, end)];
}

/** What of a line lies behind so many columns. */
function restOf(spans: Line, columns: number): Line {
  let passed = 0;
  const rest: Span[] = [];
  for (const { text, ...look } of spans) {
    const width = widthOf([{ text }]);
    if (passed >= columns) rest.push({ text, ...look });
    else if (passed + width > columns) {
      const skipped = fitLine([{ text }], columns - passed)
        .map((part) => part.text)
        .join("");
      const tail = visible(text).slice(skipped.length);
      rest.push({ text: " ".repeat(Math.max(passed + width - columns - widthOf([{ text: tail }]), 0)) + tail, ...look });
    }
    passed += width;
  }
  return rest;
}
