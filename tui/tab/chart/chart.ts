// The tab with curves of what the chosen container used in the last ten minutes. Pure.
import { formatBytes, formatPercent } from "../../../src/base/unit.ts";
import type { UsageSample } from "../../../src/engine/live/usage.ts";
import { type Chart, line, type Role } from "../../draw/cell.ts";
import type { Part } from "../../model/part.ts";
import { axisTop, resample } from "./sample.ts";

const spanMs = 600_000;

interface Curve {
  readonly title: string;
  readonly series: readonly { readonly name: string; readonly role: Role; readonly value: (sample: UsageSample) => number }[];
  readonly least: number;
  readonly renderValue: (value: number) => string;
}

const mebi = 1024 * 1024;

const curves: readonly Curve[] = [
  {
    title: "CPU %",
    series: [
      { name: "cpu", role: "series1", value: ({ cpuPercent }) => cpuPercent },
      { name: "throttled", role: "series2", value: ({ throttledPercent }) => throttledPercent },
    ],
    least: 10,
    renderValue: formatPercent,
  },
  {
    title: "Memory",
    series: [{ name: "memory", role: "series3", value: ({ memoryBytes }) => memoryBytes }],
    least: mebi,
    renderValue: formatBytes,
  },
];

export const chartTab: Part<object> = {
  name: "charts",
  title: "Charts",
  initial: {},
  needs: (_, { chosen }) => (chosen?.kind === "container" ? [{ kind: "usage", ids: [chosen.id] }] : []),
  update: (state) => ({ state, isUnused: true }),
  draw(_, { size, chosen, fed, nowMs }) {
    const samples = chosen ? (fed.usage?.history(chosen.id) ?? []) : [];
    if (samples.length === 0) return { lines: [line("nothing has been sampled yet", "dim")] };
    const width = Math.floor(size.columns / curves.length);
    const charts = curves.map(({ title, series, least, renderValue }, place): Chart => {
      const drawn = series.map(({ name, role, value }) => ({
        name,
        role,
        values: resample(samples, value, nowMs, spanMs, Math.max(width * 2, 20)),
      }));
      return {
        area: { left: place * width, top: 0, columns: width, rows: size.rows },
        title,
        series: drawn,
        top: axisTop(
          drawn.flatMap(({ values }) => values.filter((value) => value !== undefined)),
          least,
        ),
        renderValue,
        from: "-10m",
        to: "now",
      };
    });
    return { lines: [], charts };
  },
  keys: () => [],
};
