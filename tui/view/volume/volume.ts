// The view of volumes: who keeps them, how large they are, who uses them. Pure.

import type { LiveVolume } from "../../../src/engine/live/volume.ts";
import { isAnonymous, localDriver } from "../../../src/volume/spec.ts";
import { volumeActions } from "../../action/volume.ts";
import { shortBytes, shortTime } from "../../draw/amount.ts";
import { span } from "../../draw/cell.ts";
import type { Column } from "../../draw/table.ts";
import {
  emptyList,
  type ListState,
  passesFilter,
  placeOf,
  restoreList,
  saveList,
  settleList,
  sortRows,
  updateListByKey,
  updateListByMouse,
} from "../../model/list.ts";
import { lastOf } from "../../model/memo.ts";
import type { Change, Chosen, PartMessage, Surroundings, View } from "../../model/part.ts";
import { drawList, heightOf, type Listed, listed, listHints, sortByPress } from "../listing.ts";

const keyOf = ({ record }: LiveVolume): string => record.name;
const usersText = ({ users }: LiveVolume): string => users.map(({ name }) => name).join(" ");
const labelsText = ({ record }: LiveVolume): string =>
  Object.entries(record.labels)
    .map(([key, value]) => (value === "" ? key : `${key}=${value}`))
    .join(" ");

/** A name of 64 digits says as much in twelve. */
const shownName = ({ record }: LiveVolume): string => (isAnonymous(record) ? `${record.name.slice(0, 12)} (no name)` : record.name);

function sizeText({ record, size }: LiveVolume): string {
  if (size) return shortBytes(size.bytes);
  return record.driver === localDriver ? "..." : "-";
}

const columns = (nowMs: number): readonly Column<LiveVolume>[] => [
  { name: "name", title: "NAME", least: 16, grows: 2, cell: shownName },
  { name: "driver", title: "DRIVER", least: 6, priority: 4, cell: ({ record }) => record.driver },
  { name: "size", title: "SIZE", least: 6, align: "right", cell: sizeText },
  { name: "entries", title: "FILES", least: 7, align: "right", priority: 5, cell: ({ size }) => (size ? `${size.entries}` : "-") },
  {
    name: "users",
    title: "USED BY",
    least: 12,
    grows: 2,
    priority: 1,
    cell: (volume) => (volume.users.length === 0 ? { text: "nobody", role: "dim" } : `${volume.users.length}: ${usersText(volume)}`),
  },
  { name: "age", title: "AGE", least: 5, align: "right", priority: 2, cell: ({ record }) => shortTime(nowMs - record.createdMs) },
  { name: "mountpoint", title: "MOUNTPOINT", least: 20, grows: 3, priority: 3, cell: ({ mountpoint }) => mountpoint || "-" },
  { name: "labels", title: "LABELS", least: 12, grows: 2, priority: 6, cell: labelsText },
];

const orders: Readonly<Record<string, (volume: LiveVolume) => string | number>> = {
  name: keyOf,
  driver: ({ record }) => record.driver,
  size: ({ size }) => size?.bytes ?? -1,
  entries: ({ size }) => size?.entries ?? -1,
  users: ({ users }) => users.length,
  age: ({ record }) => -record.createdMs,
  mountpoint: ({ mountpoint }) => mountpoint,
  labels: labelsText,
};
const names = Object.keys(orders);
const descends: ReadonlySet<string> = new Set(["size", "entries", "users"]);

const wordsOf = (volume: LiveVolume): string =>
  [volume.record.name, volume.record.driver, usersText(volume), labelsText(volume), volume.users.length === 0 ? "nobody" : ""].join(" ");

const makeRows = lastOf(
  (volumes: readonly LiveVolume[] | undefined, filter: string, column: string, descending: boolean): Listed<LiveVolume> =>
    listed(
      sortRows(
        (volumes ?? []).filter((volume) => passesFilter(filter, wordsOf(volume))),
        orders[column] ?? keyOf,
        keyOf,
        descending,
      ),
      keyOf,
    ),
);

const rowsOf = ({ filter, sorted }: ListState, { fed }: Pick<Surroundings, "fed">): Listed<LiveVolume> =>
  makeRows(fed.volumes?.volumes, filter, sorted.column, sorted.descending);

const chosenOf = ({ record: { name } }: LiveVolume): Chosen => ({ kind: "volume", reference: name, id: name });

function chosenRow(list: ListState, around: Surroundings): LiveVolume | undefined {
  const { rows, keys } = rowsOf(list, around);
  return rows[placeOf(list, keys)];
}

const settled = (list: ListState, around: Surroundings): ListState => settleList(list, rowsOf(list, around).keys, heightOf(list, around));

function update(list: ListState, message: PartMessage, around: Surroundings): Change<ListState> {
  const { keys } = rowsOf(list, around);
  if (message.kind === "mouse") {
    const sorted = sortByPress(list, message.mouse, columns(around.nowMs), around.size.columns, { names, descends });
    return { state: sorted ? settled(sorted, around) : updateListByMouse(list, message.mouse, keys, heightOf(list, around)) };
  }
  if (message.kind === "show") return { state: settled({ ...list, chosen: message.row, filter: "" }, around) };
  if (message.kind === "fed") return { state: message.fed.feed === "volumes" ? settled(list, around) : list };
  const changed = updateListByKey(list, message.key, keys, heightOf(list, around), names);
  if (!changed) return { state: list, isUnused: true };
  if (changed.sorted.column === list.sorted.column) return { state: settled(changed, around) };
  return { state: settled({ ...changed, sorted: { ...changed.sorted, descending: descends.has(changed.sorted.column) } }, around) };
}

function nothingOf(list: ListState, { fed }: Surroundings): readonly string[] {
  if (fed.volumes === undefined) return ["reading ..."];
  if (fed.volumes.volumes.length > 0 && list.filter !== "") return ["no volume passes the filter: Esc takes it away"];
  return ["no volumes: c makes one,", "`tsns run -v NAME:/PATH IMAGE` makes and mounts one"];
}

export const volumeView: View<ListState> = {
  name: "volumes",
  title: "Volumes",
  short: "Vol",
  initial: emptyList("name"),
  tabs: ["inspect"],
  actions: volumeActions,
  needs: () => [{ kind: "volumes" }],
  update,
  draw: (list, around) =>
    drawList({ list, listed: rowsOf(list, around), columns: columns(around.nowMs), nothing: nothingOf(list, around) }, around),
  note(_, { fed }) {
    const volumes = fed.volumes?.volumes ?? [];
    const bytes = volumes.reduce((sum, { size }) => sum + (size?.bytes ?? 0), 0);
    const unused = volumes.filter(({ users }) => users.length === 0).length;
    return volumes.length === 0 ? [] : [span(`${volumes.length}, ${unused} used by nobody, ${shortBytes(bytes)}B`, "dim")];
  },
  keys: () => listHints,
  chosen(list, around) {
    const row = chosenRow(list, around);
    return row && chosenOf(row);
  },
  targets(list, around) {
    const marked = rowsOf(list, around).rows.filter((row) => list.marked.has(keyOf(row)));
    const row = chosenRow(list, around);
    return (marked.length > 0 ? marked : row ? [row] : []).map(chosenOf);
  },
  keep: { save: saveList, restore: (kept) => restoreList(emptyList("name"), kept, names) },
};
