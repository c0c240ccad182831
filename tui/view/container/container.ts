// The view of containers: one row each, chosen, marked, filtered, sorted, put together in groups. Pure.
import { displayWidth } from "../../../src/base/text.ts";
import { isLive } from "../../../src/container/record.ts";
import { containerActions } from "../../action/container.ts";
import { type Line, span, visible } from "../../draw/cell.ts";
import { layoutColumns, shiftColumns } from "../../draw/table.ts";
import { placeOf, settleList, updateListByKey, updateListByMouse } from "../../model/list.ts";
import type { Change, Chosen, KeyHint, Mouse, PartMessage, Surroundings, View } from "../../model/part.ts";
import { drawList, heightOf, listHints, sortByPress } from "../listing.ts";
import { containerColumns, containerOrders, descendingOrders, usageOrders } from "./column.ts";
import { filterKeys } from "./filter.ts";
import { updateByOwnKey, writeLabel } from "./key.ts";
import { type ContainerList, emptyContainerList, restoreContainerList, saveContainerList } from "./list.ts";
import { type ContainerRow, containerRows } from "./row.ts";

const orders = Object.keys(containerOrders);

const chosenOf = (state: NonNullable<ContainerRow["state"]>): Chosen => ({
  kind: "container",
  reference: state.record.name,
  id: state.record.id,
  container: state,
});

const rowsFor = (list: ContainerList, around: Surroundings): number => heightOf(list, around, list.asked === undefined ? 0 : 1);

function chosenRow(list: ContainerList, around: Surroundings): ContainerRow | undefined {
  const { rows, keys } = containerRows(list, around);
  return rows[placeOf(list, keys)];
}

/** With one of the rows chosen, and that one seen. */
const settled = (list: ContainerList, around: Surroundings): ContainerList => ({
  ...list,
  ...settleList(list, containerRows(list, around).keys, rowsFor(list, around)),
});

function update(list: ContainerList, message: PartMessage, around: Surroundings): Change<ContainerList> {
  switch (message.kind) {
    case "mouse":
      return { state: updateByMouse(list, message.mouse, around) };
    case "show": {
      // Whatever hides it is taken away.
      const shown: ContainerList = { ...list, chosen: message.row, filter: "", hidesStopped: false, closed: new Set() };
      return { state: settled(shown, around) };
    }
    case "fed":
      return { state: message.fed.feed === "containers" ? settled(list, around) : list };
    default:
  }
  const { key } = message;
  if (list.asked !== undefined) return { state: settled(writeLabel(list, list.asked, key, around), around) };
  const { rows, keys } = containerRows(list, around);
  const own = list.isFiltering ? undefined : updateByOwnKey(list, key.name, rows[placeOf(list, keys)], around);
  if (own) return { state: settled(own, around) };
  const changed = updateListByKey(list, key, keys, rowsFor(list, around), orders);
  if (!changed) return { state: list, isUnused: true };
  const isOther = changed.sorted.column !== list.sorted.column;
  const sorted = isOther ? { ...changed.sorted, descending: descendingOrders.has(changed.sorted.column) } : changed.sorted;
  return { state: settled({ ...list, ...changed, sorted }, around) };
}

function updateByMouse(list: ContainerList, mouse: Mouse, around: Surroundings): ContainerList {
  const { rows, keys } = containerRows(list, around);
  const columns = columnsOf(list, around);
  const sorted = sortByPress(list, mouse, columns, around.size.columns, { names: orders, descends: descendingOrders });
  if (sorted) return settled({ ...list, ...sorted }, around);
  const moved: ContainerList = { ...list, ...updateListByMouse(list, mouse, keys, rowsFor(list, around)) };
  const row = rows[placeOf(moved, keys)];
  const isHeading = mouse.action === "double" && mouse.row > 0 && row !== undefined && !row.state;
  const own = isHeading ? updateByOwnKey(moved, "enter", row, around) : undefined;
  return settled(own ?? moved, around);
}

const columnsOf = (list: ContainerList, { nowMs, glyphs, fed }: Surroundings) =>
  shiftColumns(containerColumns({ nowMs, glyphs, board: fed.usage }), list.shift);

function nothingOf(list: ContainerList, around: Surroundings): readonly string[] {
  if (around.fed.containers === undefined) return ["reading ..."];
  const { total, passed, hidden } = containerRows(list, around);
  if (total === 0) return ["no containers: `tsns run IMAGE` starts one,", "press : to write the command here"];
  if (passed === 0) return ["no container passes the filter: Esc takes it away"];
  return [hidden === 1 ? "it does not run: e shows it" : `none of ${hidden} runs: e shows them`];
}

/** The label that is being asked for, and those there are. */
function askLine(list: ContainerList, around: Surroundings): readonly Line[] {
  if (list.asked === undefined) return [];
  const { asked } = list;
  const all = (around.fed.containers?.containers ?? []).flatMap(({ record }) => Object.keys(record.spec.labels));
  const offered = [...new Set(all)].filter((key) => key.startsWith(asked) && key !== asked).toSorted();
  const hint = offered.length > 0 ? `  Tab: ${offered.join(" ")}` : "";
  return [[span(askTitle, "key"), span(asked, "accent"), span(hint, "dim")]];
}

const askTitle = "group by label: ";

/** What the list leaves out, and how it is arranged, in the frame. */
function note(list: ContainerList, around: Surroundings): Line {
  const { hidden, total, passed } = containerRows(list, around);
  const columns = containerColumns({ nowMs: around.nowMs, glyphs: around.glyphs, board: around.fed.usage });
  const away = columns.length - layoutColumns(shiftColumns(columns, list.shift), around.size.columns).length;
  const { column, descending } = list.sorted;
  const title = columns.find(({ name }) => name === column)?.title ?? column;
  const by = list.grouping === "label" ? list.label : list.grouping;
  const texts = [
    ...(list.marked.size > 0 ? [`${list.marked.size} marked`] : []),
    ...(hidden > 0 ? [`${hidden} stopped hidden (e)`] : []),
    ...(passed < total ? [`${passed} of ${total} pass`] : []),
    ...(list.grouping === "none" ? [] : [`by ${by} (t)`]),
    `${title} ${descending ? around.glyphs.descending : around.glyphs.ascending}`,
    ...(away > 0 ? [`${away} columns more (. ,)`] : []),
  ];
  return [span(fitting(texts, around.size.columns - "Containers".length - 8).join("  "), "dim")];
}

/** As many from the front as there is room for. */
function fitting(texts: readonly string[], columns: number): readonly string[] {
  let room = columns;
  const end = texts.findIndex((text) => {
    room -= displayWidth(text) + 2;
    return room < -2;
  });
  return end < 0 ? texts : texts.slice(0, end);
}

/** Of the heading of a group, which most tabs know nothing of. */
function absentOf(list: ContainerList, around: Surroundings): readonly string[] {
  const row = chosenRow(list, around);
  if (!row) return ["nothing is chosen"];
  const count = row.members.length === 1 ? "1 container" : `${row.members.length} containers`;
  const how = row.isOpen ? "Down in the list chooses one" : "Enter in the list opens the group, Down chooses one";
  return [`A group is chosen (${row.title}, ${count}); this tab tells of one container.`, `${how}. Logs shows all of a group.`];
}

const keysOf = ({ hidesStopped }: ContainerList): readonly KeyHint[] => [
  ...listHints,
  { key: "/ !WORD", does: "those without it" },
  { key: "/ KEY:VALUE", does: filterKeys.slice(0, 5).join(" ") },
  { key: "", does: filterKeys.slice(5).join(" ") },
  { key: "P", does: "sort by CPU" },
  { key: "M", does: "sort by memory" },
  { key: ". ,", does: "more columns, back" },
  { key: "e", does: hidesStopped ? "show stopped" : "hide stopped", isShown: true },
  { key: "t F5", does: "groups: by project, by network, none" },
  { key: "L", does: "groups by a label" },
  { key: "Left Right", does: "close, open a group" },
  { key: "Esc", does: "no filter, no marks" },
];

export const containerView: View<ContainerList> = {
  name: "containers",
  title: "Containers",
  short: "Ctr",
  initial: emptyContainerList,
  tabs: ["logs", "charts", "processes", "inspect", "mounts", "environment", "changes", "why", "path"],
  actions: containerActions,
  needs(list, around) {
    const { rows, keys: all, liveIds } = containerRows(list, around);
    if (usageOrders.has(list.sorted.column) || list.grouping !== "none") return [{ kind: "containers" }, { kind: "usage", ids: liveIds }];
    const height = rowsFor(list, around);
    const { top } = settleList(list, all, height);
    const seen = rows.slice(top, top + height).flatMap(({ members }) => members.filter(isLive));
    return [{ kind: "containers" }, { kind: "usage", ids: seen.map(({ record }) => record.id) }];
  },
  update,
  draw(list, around) {
    const drawn = drawList(
      {
        list,
        listed: containerRows(list, around),
        columns: columnsOf(list, around),
        nothing: nothingOf(list, around),
        foot: askLine(list, around),
      },
      around,
    );
    if (list.asked === undefined) return drawn;
    return { ...drawn, cursor: { column: displayWidth(askTitle + visible(list.asked)), row: around.size.rows - 1 } };
  },
  note,
  keys: keysOf,
  chosen(list, around) {
    const state = chosenRow(list, around)?.state;
    return state && chosenOf(state);
  },
  targets(list, around) {
    const marked = list.marked.size === 0 ? [] : containerRows(list, around).rows.filter(({ key }) => list.marked.has(key));
    const row = chosenRow(list, around);
    const states = (marked.length > 0 ? marked : row ? [row] : []).flatMap(({ members }) => members);
    // A container may stand in several groups.
    return [...new Set(states)].map(chosenOf);
  },
  absent: absentOf,
  keep: { save: saveContainerList, restore: restoreContainerList },
};
