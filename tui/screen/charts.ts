// Charts of a drawing: curves by blessed-contrib once it is loaded, which begins with the first chart, after that has been painted; of
// characters until then, where the room is small, and where only a colour would tell one curve from the other.
import type blessed from "blessed";
import type { Chart, Drawn, Line, Role, Size } from "../draw/cell.ts";
import { drawChart, withCharts } from "../draw/chart.ts";
import { asciiGlyphs, unicodeGlyphs } from "../draw/glyph.ts";
import type { Ability } from "./ability.ts";
import type { RenderCurves } from "./curve.ts";

export interface Charts {
  /** The drawing with its charts as lines. */
  put(drawn: Drawn, size: Size): Drawn;
}

const leastCurve: Size = { columns: 30, rows: 7 };

/** Drawings of the charts on the screen that are kept while they do not change. */
const mostKept = 12;

/** `loaded`: charts look better from now on. */
export function openCharts(
  screen: blessed.Widgets.Screen,
  { isUnicode, colours }: Ability,
  colour: (role: Role) => number | undefined,
  loaded: () => void,
): Charts {
  const glyphs = isUnicode ? unicodeGlyphs : asciiGlyphs;
  const kept = new Map<string, readonly Line[]>();
  let curves: RenderCurves | undefined;
  let isAsked = false;
  const isCurve = ({ area, series, top }: Chart): boolean =>
    isUnicode && top > 0 && area.columns >= leastCurve.columns && area.rows >= leastCurve.rows && (colours > 0 || series.length === 1);
  async function load(): Promise<void> {
    const { openCurves } = await import("./curve.ts");
    curves = openCurves(screen, colour);
    kept.clear();
    loaded();
  }
  function render(chart: Chart): readonly Line[] {
    if (isCurve(chart) && !isAsked) {
      isAsked = true;
      // Where it cannot be loaded, characters do.
      setTimeout(() => void load().catch(() => {}), 0);
    }
    const key = JSON.stringify([chart, chart.renderValue(chart.top)]);
    const found = kept.get(key) ?? (isCurve(chart) && curves ? curves(chart) : drawChart(chart, glyphs));
    kept.delete(key);
    kept.set(key, found);
    for (const [oldest] of kept) {
      if (kept.size <= mostKept) break;
      kept.delete(oldest);
    }
    return found;
  }
  return { put: (drawn, size) => withCharts(drawn, size, glyphs, render) };
}
