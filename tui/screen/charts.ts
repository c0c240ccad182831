// Charts of a drawing: curves by blessed-contrib once it is loaded, which begins with the first chart, after that has been painted; of
// characters until then, where the room is small, and where only a colour would tell one curve from the other. A curve is drawn again when
// one of its dots has become another.
import type blessed from "blessed";
import { type Chart, type Drawn, fitLine, type Line, type Role, type Size } from "../draw/cell.ts";
import { legendOf } from "../draw/chart.ts";
import { drawFitted, keepRows, withCharts } from "../draw/charted.ts";
import { asciiGlyphs, unicodeGlyphs } from "../draw/glyph.ts";
import { isSamePlot, type Plot, plotOf } from "../draw/plot.ts";
import type { Ability } from "./ability.ts";
import type { RenderCurves } from "./curve.ts";

export interface Charts {
  /** The drawing with its charts as lines. */
  put(drawn: Drawn, size: Size): Drawn;
  /** Colours have become others. */
  recolour(): void;
}

const leastCurve: Size = { columns: 30, rows: 7 };

interface Kept {
  readonly plot: Plot;
  readonly lines: readonly Line[];
}

/** `loaded`: charts look better from now on. */
export function openCharts(
  screen: blessed.Widgets.Screen,
  { isUnicode, colours }: Ability,
  colour: (role: Role) => number | undefined,
  loaded: () => void,
): Charts {
  const glyphs = isUnicode ? unicodeGlyphs : asciiGlyphs;
  /** Pictures of the last drawing, by the places of their charts. */
  let kept: readonly (Kept | undefined)[] = [];
  const compose = keepRows();
  let curves: RenderCurves | undefined;
  let reopen: () => void = () => {};
  let isAsked = false;
  const isCurve = ({ area, series, top }: Chart): boolean =>
    isUnicode && top > 0 && area.columns >= leastCurve.columns && area.rows >= leastCurve.rows && (colours > 0 || series.length === 1);
  async function load(): Promise<void> {
    const { openCurves } = await import("./curve.ts");
    reopen = () => {
      curves = openCurves(screen, colour);
    };
    reopen();
    loaded();
  }
  function askForCurves(): void {
    if (isAsked) return;
    isAsked = true;
    // Where it cannot be loaded, characters do.
    setTimeout(() => void load().catch(() => {}), 0);
  }
  function pictureOf(chart: Chart, before: Kept | undefined): Kept | undefined {
    if (!isCurve(chart)) return undefined;
    askForCurves();
    if (!curves) return undefined;
    const plot = plotOf(chart);
    return before && isSamePlot(before.plot, plot)
      ? before
      : { plot, lines: curves(plot).map((line) => fitLine(line, chart.area.columns)) };
  }
  return {
    put(drawn, size) {
      const charts = drawn.charts ?? [];
      kept = charts.map((chart, place) => pictureOf(chart, kept[place]));
      const render = (chart: Chart): readonly Line[] => {
        const picture = kept[charts.indexOf(chart)];
        if (!picture) return drawFitted(chart, glyphs);
        return [fitLine(legendOf(chart, []), chart.area.columns), ...picture.lines];
      };
      return withCharts(drawn, size, render, compose);
    },
    recolour() {
      kept = [];
      reopen();
    },
  };
}
