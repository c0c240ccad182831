// What the dashboard shows, as values: rows, curves, the line at the bottom, what a key means. Knows neither blessed nor
// the engine.
import { ellipsis, escapeControl } from "../src/base/text.ts";
import { formatBytes, formatPercent } from "../src/base/unit.ts";

export interface ContainerRow {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  /** "Up 2 hours", "Exited (0) 3 minutes ago". */
  readonly status: string;
  readonly running: boolean;
  /** 100 is one whole CPU. */
  readonly cpuPercent: number;
  readonly memoryBytes: number;
  readonly memoryLimitBytes: number;
  readonly pids: number;
}

export interface Point {
  readonly cpuPercent: number;
  readonly memoryBytes: number;
}

/** Points of each container by id, oldest first. */
export type History = ReadonlyMap<string, readonly Point[]>;

/** Adds one point per row; keeps the last `length` ones and forgets containers that are gone. */
export function appendHistory(history: History, rows: readonly ContainerRow[], length: number): History {
  return new Map(
    rows.map(({ id, cpuPercent, memoryBytes }) => [id, [...(history.get(id) ?? []), { cpuPercent, memoryBytes }].slice(-length)]),
  );
}

export const headers = ["NAME", "IMAGE", "STATUS", "CPU %", "MEMORY / LIMIT", "PIDS"] as const;

/** Spaces between columns. */
export const columnGap = 1;

/** Least width of each column; together they fit a terminal of 80. */
const narrowest = [10, 8, 14, 8, 19, 4] as const;

/** Widths that fill `columns` characters: what is left over goes to name, image and status. */
export function columnWidths(columns: number): number[] {
  const spare = Math.max(columns - narrowest.reduce((sum, width) => sum + width + columnGap, 0), 0);
  const share = Math.floor(spare / 3);
  return narrowest.map((width, i) => (i <= 2 ? width + share : width));
}

/** Cells of the table, cut to the widths. */
export function renderRows(rows: readonly ContainerRow[], widths: readonly number[]): string[][] {
  return rows.map((row) => {
    const use = row.running
      ? [formatPercent(row.cpuPercent), `${formatBytes(row.memoryBytes)} / ${formatBytes(row.memoryLimitBytes)}`, `${row.pids}`]
      : ["-", "-", "-"];
    return [row.name, row.image, row.status, ...use].map((cell, i) => ellipsis(escapeControl(cell), widths[i] ?? 10));
  });
}

export interface Curve {
  readonly x: string[];
  readonly y: number[];
}

const mebi = 1024 * 1024;

/** CPU in percent and memory in MiB; x counts seconds back from now. */
export function renderCurves(points: readonly Point[], length: number, intervalSeconds: number): { cpu: Curve; memory: Curve } {
  const missing = Math.max(length - points.length, 0);
  const x = Array.from({ length }, (_, i) => (i === length - 1 ? "now" : `-${(length - 1 - i) * intervalSeconds}s`));
  const fill = (value: (point: Point) => number): number[] => [...Array<number>(missing).fill(0), ...points.slice(-length).map(value)];
  return {
    cpu: { x, y: fill((point) => point.cpuPercent) },
    memory: { x, y: fill((point) => Math.round((point.memoryBytes / mebi) * 100) / 100) },
  };
}

/** Upper end of an axis: the next 1, 2 or 5 times a power of ten above all values, at least `least`. */
export function axisTop(values: readonly number[], least: number): number {
  const most = Math.max(least, ...values);
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((step) => step * power).find((top) => top >= most) ?? most;
}

/** The row chosen after moving `by`; the chosen container stays chosen when others come and go. */
export function moveSelection(rows: readonly ContainerRow[], selectedId: string | undefined, by: number): number {
  const at = rows.findIndex(({ id }) => id === selectedId);
  return Math.min(Math.max((at === -1 ? 0 : at) + by, 0), Math.max(rows.length - 1, 0));
}

export type Action = "quit" | "up" | "down" | "stop" | "kill";

const keys: Readonly<Record<string, Action>> = {
  q: "quit",
  escape: "quit",
  "C-c": "quit",
  up: "up",
  down: "down",
  j: "down",
  s: "stop",
  k: "kill",
};

/** Keys that mean something, by blessed's names. */
export const knownKeys: readonly string[] = Object.keys(keys);

export function actionOf(key: string): Action | undefined {
  return Object.hasOwn(keys, key) ? keys[key] : undefined;
}

/** The line at the bottom: what keys do, or what has just happened. */
export function renderFooter(rows: readonly ContainerRow[], message: string): string {
  const running = rows.filter((row) => row.running).length;
  const count = `${running} running, ${rows.length - running} stopped`;
  return ` ${message === "" ? "up/down choose   s stop   k kill   q quit" : escapeControl(message)}   |   ${count}`;
}
