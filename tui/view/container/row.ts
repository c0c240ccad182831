// The rows of the view of containers: who passes, in which order, in which group. Made anew only when something of that is another. Pure.
import { networkNames } from "../../../src/container/inspect/mode.ts";
import { type ContainerState, isLive } from "../../../src/container/record.ts";
import type { UsageBoard } from "../../../src/engine/live/usage.ts";
import { sortRows } from "../../model/list.ts";
import { lastOf } from "../../model/memo.ts";
import type { Surroundings } from "../../model/part.ts";
import { type Listed, listed } from "../listing.ts";
import { containerOrders, usageOrders } from "./column.ts";
import { parseContainerFilter } from "./filter.ts";
import type { ContainerList } from "./list.ts";

/** A container, or the heading of a group of them. */
export interface ContainerRow {
  readonly key: string;
  /** Absent: a group. */
  readonly state?: ContainerState;
  /** The container alone, or all of the group, those that are hidden by its being closed, too. */
  readonly members: readonly ContainerState[];
  /** Of a group. */
  readonly title?: string;
  /** Of a group: its containers follow. */
  readonly isOpen?: boolean;
  /** Key of the group that it stands in. */
  readonly group?: string;
}

export interface ContainerRows extends Listed<ContainerRow> {
  /** Ids of live containers among the rows, whether their groups are open or not, in their order. */
  readonly liveIds: readonly string[];
  /** Containers there are, that pass the filter, and that pass but are hidden as they do not run. */
  readonly total: number;
  readonly passed: number;
  readonly hidden: number;
}

const groupKey = (title: string): string => `group:${title}`;

/** Of those that belong to no other. */
const restTitle = (grouping: ContainerList["grouping"], label: string): string =>
  grouping === "network" ? "no network" : `without ${label}`;

/** The groups a container belongs to. */
function groupsOf({ record: { spec } }: ContainerState, grouping: ContainerList["grouping"], label: string): readonly string[] {
  if (grouping === "network") {
    const names = networkNames(spec);
    return names === "" ? [restTitle(grouping, label)] : names.split(",");
  }
  const value = spec.labels[label];
  return [value === undefined ? restTitle(grouping, label) : value === "" ? `${label} is empty` : value];
}

/** One that is in several groups has a key of its own in each but the first. */
function groupedRows(
  states: readonly ContainerState[],
  { grouping, label, closed, value, descending }: Pick<ContainerList, "grouping" | "label" | "closed"> & Order,
): readonly ContainerRow[] {
  const members = new Map<string, ContainerState[]>();
  for (const state of states)
    for (const title of groupsOf(state, grouping, label)) members.set(title, [...(members.get(title) ?? []), state]);
  const groups = [...members].map(([title, within]): ContainerRow => {
    const key = groupKey(title);
    return { key, title, members: within, isOpen: !closed.has(key) };
  });
  const seen = new Set<string>();
  const isRest = ({ title }: ContainerRow): number => Number(title === restTitle(grouping, label));
  const sorted = sortRows(groups, value, ({ title = "" }) => title, descending);
  return sorted
    .toSorted((one, other) => isRest(one) - isRest(other))
    .flatMap((group) => {
      const rows = group.members.map((state): ContainerRow => {
        const { id } = state.record;
        const key = seen.has(id) ? `${id}@${group.title}` : id;
        seen.add(id);
        return { key, state, members: [state], group: group.key };
      });
      return group.isOpen ? [group, ...rows] : [group];
    });
}

interface Order {
  readonly value: (row: ContainerRow) => string | number;
  readonly descending: boolean;
}

/** Everything that rows depend on. */
const makeRows = lastOf(
  (
    containers: readonly ContainerState[] | undefined,
    board: UsageBoard | undefined,
    filter: string,
    column: string,
    descending: boolean,
    hidesStopped: boolean,
    grouping: ContainerList["grouping"],
    label: string,
    closed: ReadonlySet<string>,
  ): ContainerRows => {
    const passes = parseContainerFilter(filter);
    const passed = (containers ?? []).filter(passes);
    const shown = hidesStopped ? passed.filter(isLive) : passed;
    const order = containerOrders[column];
    const value = (row: ContainerRow): string | number => order?.(row, board) ?? row.key;
    const plain = shown.map((state): ContainerRow => ({ key: state.record.id, state, members: [state] }));
    const sorted = sortRows(plain, value, ({ key }) => key, descending);
    const rows =
      grouping === "none"
        ? sorted
        : groupedRows(
            sorted.flatMap(({ members }) => members),
            { grouping, label, closed, value, descending },
          );
    const liveIds = sorted.flatMap(({ members }) => members.filter(isLive).map(({ record }) => record.id));
    const counts = { total: containers?.length ?? 0, passed: passed.length, hidden: passed.length - shown.length };
    return { ...listed(rows, ({ key }) => key), liveIds, ...counts };
  },
);

/** The rows as they stand, in their order. */
export function containerRows(list: ContainerList, { fed }: Pick<Surroundings, "fed">): ContainerRows {
  const { filter, sorted, hidesStopped, grouping, label, closed } = list;
  // Samples that do not change the order do not make rows anew.
  const board = usageOrders.has(sorted.column) ? fed.usage : undefined;
  return makeRows(fed.containers?.containers, board, filter, sorted.column, sorted.descending, hidesStopped, grouping, label, closed);
}
