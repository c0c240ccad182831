// The columns of the view of containers, and what each of them is sorted by. Pure.
import { networkNames } from "../../../src/container/inspect/mode.ts";
import { type ContainerState, isLive, shownStatus } from "../../../src/container/record.ts";
import { commandText } from "../../../src/container/view.ts";
import type { UsageBoard } from "../../../src/engine/live/usage.ts";
import { renderPortColumn } from "../../../src/network/port-column.ts";
import { portsOf } from "../../../src/network/spec.ts";
import { shortBytes, shortPercent, shortTime } from "../../draw/amount.ts";
import type { Role } from "../../draw/cell.ts";
import { renderGauge } from "../../draw/gauge.ts";
import type { Glyphs } from "../../draw/glyph.ts";
import type { Cell, Column } from "../../draw/table.ts";
import { lastOf } from "../../model/memo.ts";
import type { ContainerRow } from "./row.ts";
import { processorsOf, sumUse, type Use, useOf } from "./use.ts";

const none = "-";
const gaugeColumns = 4;

/** Failed: it has ended with something else than 0. */
const hasFailed = ({ record }: ContainerState): boolean => (record.exit?.exitCode ?? 0) !== 0;
const isUnwell = ({ status, health }: ContainerState): boolean => status === "running" && health?.status === "unhealthy";

export function roleOfStatus(state: ContainerState): Role {
  const status = shownStatus(state);
  if (status === "running") return isUnwell(state) ? "bad" : "good";
  if (status === "paused" || status === "restarting") return "warning";
  return hasFailed(state) ? "bad" : "dim";
}

/** A sign that says it without colours and at one glance. */
function signOf(state: ContainerState, { isAscii }: Glyphs): string {
  const status = shownStatus(state);
  if (isUnwell(state) || (!isLive(state) && hasFailed(state)) || status === "dead") return isAscii ? "!" : "✗";
  if (status === "running") return isAscii ? "+" : "●";
  if (status === "paused") return "=";
  if (status === "restarting") return isAscii ? "~" : "↻";
  return isAscii ? "-" : "○";
}

function statusCell(state: ContainerState, glyphs: Glyphs): Cell {
  const status = shownStatus(state);
  const word = isUnwell(state) ? "unhealthy" : status === "exited" ? `exited ${state.record.exit?.exitCode ?? 0}` : status;
  return { text: glyphs.isPlain ? word : `${signOf(state, glyphs)} ${word}`, role: roleOfStatus(state) };
}

/** Of a group: how many of each. */
function statusesCell({ members }: ContainerRow): Cell {
  const running = members.filter(isLive).length;
  return { text: `${running}/${members.length} run`, role: running === members.length ? "good" : running === 0 ? "dim" : "warning" };
}

const anyAddress: ReadonlySet<string> = new Set(["", "0.0.0.0", "::"]);

/** Published ports in few columns: `8080->80, 127.0.0.1:53->53/udp`. Published on all addresses of both families is said once. */
export function portsText({ status, record }: ContainerState): string {
  if (status !== "running") return "";
  const seen = new Set<string>();
  const ports = portsOf(record.run?.endpoints).flatMap((port) => {
    const plain = anyAddress.has(port.hostIp) ? { ...port, hostIp: "0.0.0.0" } : port;
    const key = `${plain.hostIp} ${port.hostPort} ${port.containerPort} ${port.protocol}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [plain];
  });
  return renderPortColumn(ports).replaceAll("0.0.0.0:", "").replaceAll("/tcp", "");
}

const restartsOf = ({ record }: ContainerState): number => record.run?.restarts?.count ?? 0;

/** Since when it runs, or has not run; undefined for one that never has. */
const sinceMs = ({ record: { run, exit }, status }: ContainerState): number | undefined =>
  status === "running" ? run?.startedMs : exit?.finishedMs || undefined;

const pressureText = (pressure: Use["pressure"]): string =>
  pressure ? [pressure.cpu, pressure.memory, pressure.io].map((share) => `${Math.round(share)}`).join("/") : none;

export interface ColumnWorld {
  readonly nowMs: number;
  readonly glyphs: Glyphs;
  readonly board: UsageBoard | undefined;
}

type Made = Column<ContainerRow>;

/** A column that says something of a container, and of a group nothing. */
const ofState = (column: Omit<Made, "cell">, text: (state: ContainerState) => Cell | string): Made => ({
  ...column,
  cell: ({ state }) => (state ? text(state) : ""),
});

const usageOf = ({ state, members }: ContainerRow, board: UsageBoard | undefined): Use | undefined =>
  state ? useOf(state, board) : sumUse(members, board);

/** A column of a figure that is sampled. */
const ofUse = (
  column: Omit<Made, "cell" | "align">,
  { board }: ColumnWorld,
  text: (use: Use, row: ContainerRow) => Cell | string,
): Made => ({
  ...column,
  align: "right",
  cell(row) {
    const use = usageOf(row, board);
    return use ? text(use, row) : { text: none, role: "dim" };
  },
});

const gauge = (share: number, { glyphs }: ColumnWorld): string => ` ${renderGauge(share, gaugeColumns, glyphs)}`;
const alarm = (share: number): { readonly role?: Role } => (share >= 0.9 ? { role: share >= 0.97 ? "bad" : "warning" } : {});
const noGauge = " ".repeat(gaugeColumns + 1);

function cpuCell({ cpuPercent }: Use, { state }: ContainerRow, world: ColumnWorld): Cell {
  if (!state) return { text: shortPercent(cpuPercent) + noGauge, role: "strong" };
  const share = cpuPercent / 100 / processorsOf(state);
  return { text: shortPercent(cpuPercent) + gauge(share, world), ...alarm(share) };
}

function memoryCell({ memoryBytes, memoryLimitBytes }: Use, world: ColumnWorld): Cell {
  if (!memoryLimitBytes) return { text: shortBytes(memoryBytes) + noGauge, role: "strong" };
  const share = memoryBytes / memoryLimitBytes;
  return { text: `${shortBytes(memoryBytes)}/${shortBytes(memoryLimitBytes)}${gauge(share, world)}`, ...alarm(share) };
}

function nameCell({ state, title = "", isOpen, group }: ContainerRow, { glyphs }: ColumnWorld): Cell | string {
  if (!state) return { text: `${isOpen ? glyphs.open : glyphs.closed}${title}`, role: "strong" };
  return group === undefined ? state.record.name : `  ${state.record.name}`;
}

/** What the kernel counts. */
const usageColumns = (world: ColumnWorld): readonly Made[] => [
  ofUse({ name: "cpu", title: "CPU%", least: 10, priority: 1 }, world, (use, row) => cpuCell(use, row, world)),
  ofUse({ name: "memory", title: "MEM/LIMIT", least: 16, priority: 2 }, world, (use) => memoryCell(use, world)),
  ofUse({ name: "throttled", title: "THR%", least: 5, priority: 12 }, world, ({ throttledPercent }) => shortPercent(throttledPercent)),
  ofUse({ name: "pressure", title: "PSI C/M/I", least: 9, priority: 16 }, world, ({ pressure }) => pressureText(pressure)),
  ofUse({ name: "received", title: "RX/s", least: 5, priority: 6 }, world, (use) => shortBytes(use.receivedBytesPerSecond)),
  ofUse({ name: "sent", title: "TX/s", least: 5, priority: 7 }, world, (use) => shortBytes(use.sentBytesPerSecond)),
  ofUse({ name: "read", title: "RD/s", least: 5, priority: 10 }, world, (use) => shortBytes(use.readBytesPerSecond)),
  ofUse({ name: "write", title: "WR/s", least: 5, priority: 11 }, world, (use) => shortBytes(use.writeBytesPerSecond)),
  ofUse({ name: "pids", title: "PIDS", least: 7, priority: 3 }, world, ({ pids, pidsLimit }) =>
    pidsLimit ? `${pids}/${pidsLimit}` : `${pids}`,
  ),
];

/** What the record says. */
const recordColumns = ({ nowMs }: ColumnWorld): readonly Made[] => [
  ofState({ name: "restarts", title: "RST", least: 4, align: "right", priority: 9 }, (state) => `${restartsOf(state)}`),
  ofState({ name: "since", title: "SINCE", least: 6, align: "right", priority: 5 }, (state) => {
    const since = sinceMs(state);
    return since === undefined ? none : shortTime(nowMs - since);
  }),
  ofState({ name: "ports", title: "PORTS", least: 12, grows: 2, priority: 4 }, portsText),
  ofState({ name: "image", title: "IMAGE", least: 12, grows: 2, priority: 8 }, ({ record }) => record.spec.imageName),
  ofState({ name: "networks", title: "NETWORKS", least: 9, grows: 1, priority: 14 }, ({ record }) => networkNames(record.spec)),
  ofState({ name: "age", title: "AGE", least: 4, align: "right", priority: 13 }, ({ record }) => shortTime(nowMs - record.createdMs)),
  ofState({ name: "command", title: "COMMAND", least: 10, grows: 2, priority: 17 }, (state) => commandText(state).slice(1, -1)),
];

const columnsIn = (world: ColumnWorld): readonly Made[] => [
  { name: "name", title: "NAME", least: 12, grows: 3, cell: (row) => nameCell(row, world) },
  { name: "status", title: "STATE", least: 12, cell: (row) => (row.state ? statusCell(row.state, world.glyphs) : statusesCell(row)) },
  ofState({ name: "health", title: "HEALTH", least: 9, priority: 15 }, ({ health }) => health?.status ?? none),
  ...usageColumns(world),
  ...recordColumns(world),
];

const lastColumns = lastOf((nowMs: number, glyphs: Glyphs, board: UsageBoard | undefined) => columnsIn({ nowMs, glyphs, board }));

/** All columns, in their order; the same while nothing that they show is another. */
export const containerColumns = ({ nowMs, glyphs, board }: ColumnWorld): readonly Made[] => lastColumns(nowMs, glyphs, board);

type Order = (row: ContainerRow, board: UsageBoard | undefined) => string | number | undefined;

/** Live ones first, then by their words; groups by how many of theirs live. */
const statusOrder: Order = ({ state, members }) =>
  state ? `${isLive(state) ? 0 : 1}${shownStatus(state)} ${state.record.exit?.exitCode ?? ""}` : `${9999 - members.filter(isLive).length}`;

/** Groups have their names here. */
const byState =
  (value: (state: ContainerState) => string | number): Order =>
  ({ state, title = "" }) =>
    state ? value(state) : title;

/** What is not sampled comes after everything. */
const byUse =
  (value: (use: Use) => number): Order =>
  (row, board) => {
    const use = usageOf(row, board);
    return use ? value(use) : -1;
  };

const usageOrder: Readonly<Record<string, Order>> = {
  cpu: byUse(({ cpuPercent }) => cpuPercent),
  memory: byUse(({ memoryBytes }) => memoryBytes),
  throttled: byUse(({ throttledPercent }) => throttledPercent),
  pressure: byUse(({ pressure }) => (pressure ? Math.max(pressure.cpu, pressure.memory, pressure.io) : 0)),
  received: byUse(({ receivedBytesPerSecond }) => receivedBytesPerSecond),
  sent: byUse(({ sentBytesPerSecond }) => sentBytesPerSecond),
  read: byUse(({ readBytesPerSecond }) => readBytesPerSecond),
  write: byUse(({ writeBytesPerSecond }) => writeBytesPerSecond),
  pids: byUse(({ pids }) => pids),
};

/** Orders that depend on what containers use: all of them are sampled then. */
export const usageOrders: ReadonlySet<string> = new Set(Object.keys(usageOrder));

/** What rows are sorted by, for each column. */
export const containerOrders: Readonly<Record<string, Order>> = {
  name: byState(({ record }) => record.name),
  status: statusOrder,
  health: byState(({ health }) => health?.status ?? "~"),
  ...usageOrder,
  restarts: byState(restartsOf),
  since: byState((state) => -(sinceMs(state) ?? 0)),
  ports: byState((state) => portsText(state) || "~"),
  image: byState(({ record }) => record.spec.imageName),
  networks: byState(({ record }) => networkNames(record.spec)),
  age: byState(({ record }) => -record.createdMs),
  command: byState(commandText),
};

/** Columns that begin with the most. */
export const descendingOrders: ReadonlySet<string> = new Set([...usageOrders, "restarts"]);
