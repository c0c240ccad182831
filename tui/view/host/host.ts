// The view of the machine: its figures, their curves of the last ten minutes, and who takes the most. Pure.

import type { HostPoint, HostState } from "../../../src/engine/live/host.ts";
import { systemPruneAction } from "../../action/prune.ts";
import { shortPercent } from "../../draw/amount.ts";
import { type Chart, type Drawn, fillRows, type Line, line, type Role, type Size, span } from "../../draw/cell.ts";
import { axisOf } from "../../draw/plot.ts";
import type { Effect } from "../../model/effect.ts";
import {
  emptyList,
  type ListState,
  placeOf,
  restoreList,
  saveList,
  settleList,
  updateListByKey,
  updateListByMouse,
} from "../../model/list.ts";
import type { Change, KeyHint, PartMessage, Surroundings, View } from "../../model/part.ts";
import { resample } from "../../tab/chart/sample.ts";
import { containerColumns } from "../container/column.ts";
import { emptyContainerList } from "../container/list.ts";
import { type ContainerRow, type ContainerRows, containerRows } from "../container/row.ts";
import { drawList } from "../listing.ts";
import { hostLines } from "./meter.ts";

const spanMs = 600_000;
/** A curve with fewer rows shows nothing. */
const leastChartRows = 6;
const leastListRows = 4;

interface Layout {
  readonly lines: readonly Line[];
  readonly chartRows: number;
  /** The first row of the list: its title. */
  readonly listTop: number;
  readonly listSize: Size;
}

/** Figures first, then the list as long as it needs to be, curves in what is left. */
function layoutOf(host: HostState | undefined, rows: number, { size, glyphs }: Pick<Surroundings, "size" | "glyphs">): Layout {
  const lines = host ? hostLines(host, { size, glyphs }) : [];
  const left = Math.max(size.rows - lines.length, 0);
  const wanted = Math.min(Math.max(rows, 1) + 2, Math.max(Math.floor(left / 2), leastListRows));
  const chartRows = left - wanted >= leastChartRows ? left - wanted : 0;
  const listTop = lines.length + chartRows;
  return { lines, chartRows, listTop, listSize: { columns: size.columns, rows: Math.max(size.rows - listTop - 1, 0) } };
}

const curves: readonly {
  readonly title: string;
  readonly name: string;
  readonly role: Role;
  readonly value: (point: HostPoint) => number;
}[] = [
  { title: "CPU, all cores", name: "cpu", role: "series1", value: ({ cpuPercent }) => cpuPercent },
  { title: "Memory", name: "memory", role: "series3", value: ({ memoryPercent }) => memoryPercent },
];

const axis = { top: 100, renderValue: (percent: number) => `${shortPercent(percent)}%`, from: "-10m", to: "now" } as const;

function chartsOf({ history, gapMs }: HostState, nowMs: number, { lines, chartRows }: Layout, columns: number): readonly Chart[] {
  if (chartRows === 0) return [];
  const width = Math.floor(columns / curves.length);
  const last = history.at(-1);
  return curves.map(({ title, name, role, value }, place): Chart => {
    const area = { left: place * width, top: lines.length, columns: width, rows: chartRows };
    const values = resample(history, value, { nowMs, spanMs, points: axisOf({ area, ...axis }).across, gapMs });
    return { area, title, series: [{ name, role, values, ...(last ? { newest: value(last) } : {}) }], ...axis };
  });
}

const rowsOf = (list: ListState, around: Pick<Surroundings, "fed">): ContainerRows =>
  containerRows({ ...emptyContainerList, sorted: list.sorted, hidesStopped: true }, around);

const layoutFor = (list: ListState, around: Surroundings): Layout => layoutOf(around.fed.host, rowsOf(list, around).rows.length, around);

const heightIn = ({ listSize }: Layout): number => Math.max(listSize.rows - 1, 0);

function chosenRow(list: ListState, around: Pick<Surroundings, "fed">): ContainerRow | undefined {
  const { rows, keys } = rowsOf(list, around);
  return rows[placeOf(list, keys)];
}

const goEffects = (row: ContainerRow | undefined): readonly Effect[] => (row ? [{ kind: "go", view: "containers", row: row.key }] : []);

const sortKeys: Readonly<Record<string, string>> = { P: "cpu", M: "memory" };

function update(list: ListState, message: PartMessage, around: Surroundings): Change<ListState> {
  const { keys } = rowsOf(list, around);
  const layout = layoutFor(list, around);
  const height = heightIn(layout);
  // Until somebody chooses, it is who stands on top.
  if (message.kind === "fed") return { state: list.chosen === undefined ? list : settleList(list, keys, height) };
  if (message.kind === "show") return { state: settleList({ ...list, chosen: message.row }, keys, height) };
  if (message.kind === "mouse") {
    const mouse = { ...message.mouse, row: message.mouse.row - layout.listTop - 1 };
    const state = updateListByMouse(list, mouse, keys, height);
    return { state, ...(mouse.action === "double" && mouse.row > 0 ? { effects: goEffects(chosenRow(state, around)) } : {}) };
  }
  const { key } = message;
  const column = sortKeys[key.name];
  if (column) return { state: emptyList(column, true) };
  if (key.name === "enter") return { state: list, effects: goEffects(chosenRow(list, around)) };
  // It is short: no filter, no marks.
  if (!["up", "down", "j", "k", "pageup", "pagedown", "home", "end", "g", "G"].includes(key.name)) return { state: list, isUnused: true };
  return { state: updateListByKey(list, key, keys, height, []) ?? list };
}

function draw(list: ListState, around: Surroundings): Drawn {
  const { size, nowMs, glyphs, fed } = around;
  if (!fed.host) return { lines: [line("reading ...", "dim")] };
  const listed = rowsOf(list, around);
  const layout = layoutFor(list, around);
  // The list is one of the containers that paper has anyway.
  if (glyphs.isPlain) return { lines: layout.lines };
  const charts = chartsOf(fed.host, nowMs, layout, size.columns);
  const by = list.sorted.column === "memory" ? "memory (P: by CPU)" : "CPU (M: by memory)";
  const table = drawList(
    {
      list,
      listed,
      columns: containerColumns({ nowMs, glyphs, board: fed.usage }),
      nothing: [fed.containers === undefined ? "reading ..." : "no container runs"],
    },
    { ...around, size: layout.listSize },
  );
  const title: Line = [span("Who takes the most ", "strong"), span(by, "dim")];
  return { lines: [...fillRows(layout.lines, layout.listTop), title, ...table.lines].slice(0, size.rows), charts };
}

const keys: readonly KeyHint[] = [
  { key: "Up Down", does: "choose" },
  { key: "Enter", does: "go to the container", isShown: true },
  { key: "P", does: "by CPU", isShown: true },
  { key: "M", does: "by memory", isShown: true },
];

const initial = emptyList("cpu", true);

export const hostView: View<ListState> = {
  name: "host",
  title: "Host",
  short: "Host",
  initial,
  tabs: [],
  actions: [systemPruneAction],
  needs: (list, around) => [{ kind: "host" }, { kind: "containers" }, { kind: "usage", ids: rowsOf(list, around).liveIds }],
  update,
  draw,
  keys: () => keys,
  chosen: () => undefined,
  targets: () => [],
  keep: { save: saveList, restore: (kept) => restoreList(initial, kept, Object.values(sortKeys)) },
};
