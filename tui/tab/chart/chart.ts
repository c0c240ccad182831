// The tab with curves of what the chosen container used in the last ten minutes: as many charts as have room, one of them chosen, which
// may have all of it. Pure.
import { isLive } from "../../../src/container/record.ts";
import type { UsageSample } from "../../../src/engine/live/usage.ts";
import { type Area, type Chart, line, type Series } from "../../draw/cell.ts";
import { axisOf } from "../../draw/plot.ts";
import type { Part, Surroundings } from "../../model/part.ts";
import { type ChartKind, chartKinds } from "./curve.ts";
import { areasOf, type Grid, gridOf } from "./grid.ts";
import { axisTop, binaryAxisTop, peakOf, resample } from "./sample.ts";

interface State {
  /** Place of the chosen chart. */
  readonly at: number;
  readonly isEnlarged: boolean;
}

const spanMs = 600_000;

/** A limit is drawn from this share of it on: a curve far below would be nothing but a flat line. */
const near = 0.25;

const kindsOf = ({ chosen }: Surroundings): readonly ChartKind[] =>
  chartKinds(chosen?.container?.record.spec.resources.memoryBytes !== undefined);

interface Watched {
  readonly samples: readonly UsageSample[];
  readonly last: UsageSample;
  readonly nowMs: number;
  readonly gapMs: number;
}

function makeChart(kind: ChartKind, { samples, last, nowMs, gapMs }: Watched, area: Area, sign: string): Chart {
  const { curves, least, renderValue } = kind;
  const peak = peakOf(
    samples,
    curves.map(({ value }) => value),
    nowMs,
    spanMs,
  );
  const limit = kind.limit?.(last);
  const isNear = limit !== undefined && peak >= near * limit;
  const top = (kind.isBinary ? binaryAxisTop : axisTop)(isNear ? Math.max(peak, limit) : peak, least);
  const points = axisOf({ area, top, renderValue }).across;
  const span = { nowMs, spanMs, points, gapMs };
  const series = curves.map(
    ({ name, role, value }): Series => ({ name, role, values: resample(samples, value, span), newest: value(last) }),
  );
  const line: readonly Series[] = isNear ? [{ name: "limit", role: "bad", values: Array.from({ length: points }, () => limit) }] : [];
  return { area, title: `${sign}${kind.title(last)}`, series: [...series, ...line], top, renderValue, from: "-10 min", to: "now" };
}

/** The first chart that is seen: whole rows, the chosen one among them. */
function firstOf(at: number, { across, down }: Grid, count: number): number {
  const row = Math.floor(at / across);
  const rows = Math.ceil(count / across);
  return Math.min(Math.floor(row / down) * down, Math.max(rows - down, 0)) * across;
}

/** Where a key leads; undefined for others. */
function moved(at: number, key: string, { across }: Grid, count: number): number | undefined {
  const by = { left: -1, right: 1, up: -across, down: across }[key];
  if (by === undefined) return undefined;
  const next = at + by;
  return next >= 0 && next < count ? next : at;
}

export const chartTab: Part<State> = {
  name: "charts",
  title: "Charts",
  initial: { at: 0, isEnlarged: false },
  needs: (_, { chosen }) => (chosen?.kind === "container" ? [{ kind: "usage", ids: [chosen.id] }] : []),
  update(state, message, around) {
    const kinds = kindsOf(around);
    const grid = gridOf(around.size, kinds.length);
    if (message.kind === "mouse" && !state.isEnlarged && message.mouse.action === "press") {
      const place = areasOf(around.size, grid).findIndex(
        ({ left, top, columns, rows }) =>
          message.mouse.column >= left &&
          message.mouse.column < left + columns &&
          message.mouse.row >= top &&
          message.mouse.row < top + rows,
      );
      const at = firstOf(state.at, grid, kinds.length) + place;
      return { state: place >= 0 && at < kinds.length ? { at, isEnlarged: at === state.at } : state };
    }
    if (message.kind !== "key") return { state, isUnused: true };
    const { name } = message.key;
    const at = moved(state.at, name, state.isEnlarged ? { across: 1, down: 1 } : grid, kinds.length);
    if (at !== undefined) return { state: { ...state, at } };
    if (name === "enter" || name === "space") return { state: { ...state, isEnlarged: !state.isEnlarged } };
    if (name === "escape" && state.isEnlarged) return { state: { ...state, isEnlarged: false } };
    return { state, isUnused: true };
  },
  draw(state, around) {
    const { size, chosen, fed, nowMs, isFocused, glyphs } = around;
    const { history, gapMs = 0 } = fed.usage ?? {};
    const samples = chosen ? (history?.(chosen.id) ?? []) : [];
    const last = samples.at(-1);
    if (!last) {
      const lives = chosen?.container !== undefined && isLive(chosen.container);
      return {
        lines: [line(lives ? "nothing has been sampled yet" : "it does not run, and was not watched in the last ten minutes", "dim")],
      };
    }
    const watched = { samples, last, nowMs, gapMs };
    const kinds = kindsOf(around);
    const at = Math.min(state.at, kinds.length - 1);
    const grid: Grid = state.isEnlarged ? { across: 1, down: 1 } : gridOf(size, kinds.length);
    const first = state.isEnlarged ? at : firstOf(at, grid, kinds.length);
    const charts = areasOf(size, grid).flatMap((area, place): readonly Chart[] => {
      const kind = kinds[first + place];
      if (!kind) return [];
      const isChosen = first + place === at && isFocused && grid.across * grid.down > 1;
      return [makeChart(kind, watched, area, isChosen ? `${glyphs.chosen} ` : "")];
    });
    return { lines: [], charts };
  },
  keys: ({ isEnlarged }) => [
    { key: "Left Right Up Down", does: "another chart", isShown: true },
    { key: "Enter", does: isEnlarged ? "all" : "this one alone", isShown: true },
  ],
  keep: {
    save: (state) => state,
    restore(kept) {
      const { at, isEnlarged } = (typeof kept === "object" && kept !== null ? kept : {}) as Partial<Record<keyof State, unknown>>;
      return Number.isInteger(at) && (at as number) >= 0 && (at as number) < 6
        ? { at: at as number, isEnlarged: isEnlarged === true }
        : undefined;
    },
  },
};
