// The columns of the containers' view. Pure.
import { formatBytes, formatPercent } from "../../../src/base/unit.ts";
import { type ContainerState, isLive, shownStatus } from "../../../src/container/record.ts";
import { statusText } from "../../../src/container/view.ts";
import type { UsageSample } from "../../../src/engine/live/usage.ts";
import type { Role } from "../../draw/cell.ts";
import type { Column } from "../../draw/table.ts";

/** A container as its row shows it. */
export interface ContainerRow {
  readonly state: ContainerState;
  readonly usage: UsageSample | undefined;
}

const none = "-";

export function roleOfStatus(state: ContainerState): Role {
  const status = shownStatus(state);
  if (status === "running") return state.health?.status === "unhealthy" ? "bad" : "good";
  if (status === "paused" || status === "restarting") return "warning";
  return (state.record.exit?.exitCode ?? 0) === 0 ? "dim" : "bad";
}

const known = (value: number | undefined, render: (value: number) => string): string => (value === undefined ? none : render(value));

/** Columns by name; `nowMs` for ages. */
export function containerColumns(nowMs: number): readonly Column<ContainerRow>[] {
  return [
    { name: "name", title: "NAME", least: 12, grows: 2, cell: ({ state }) => state.record.name },
    {
      name: "status",
      title: "STATUS",
      least: 14,
      grows: 1,
      cell: ({ state }) => ({ text: statusText(state, nowMs), role: roleOfStatus(state) }),
    },
    { name: "cpu", title: "CPU %", least: 7, align: "right", priority: 1, cell: ({ usage }) => known(usage?.cpuPercent, formatPercent) },
    {
      name: "memory",
      title: "MEMORY / LIMIT",
      least: 19,
      align: "right",
      priority: 2,
      cell: ({ usage }) => (usage ? `${formatBytes(usage.memoryBytes)} / ${formatBytes(usage.memoryLimitBytes)}` : none),
    },
    { name: "pids", title: "PIDS", least: 5, align: "right", priority: 3, cell: ({ usage }) => known(usage?.pids, String) },
    { name: "image", title: "IMAGE", least: 10, grows: 1, priority: 4, cell: ({ state }) => state.record.spec.imageName },
  ];
}

/** What rows are sorted by. */
export const containerOrders: Readonly<Record<string, (row: ContainerRow) => string | number>> = {
  created: ({ state }) => -state.record.createdMs,
  name: ({ state }) => state.record.name,
  status: ({ state }) => `${isLive(state) ? 0 : 1}${shownStatus(state)}`,
  cpu: ({ usage }) => usage?.cpuPercent ?? -1,
  memory: ({ usage }) => usage?.memoryBytes ?? -1,
  pids: ({ usage }) => usage?.pids ?? -1,
  image: ({ state }) => state.record.spec.imageName,
};
