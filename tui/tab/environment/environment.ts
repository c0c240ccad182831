// The tab with the environment that the chosen container's command is started with. Pure.
import { line } from "../../draw/cell.ts";
import type { Column } from "../../draw/table.ts";
import { wrapText } from "../../draw/wrap.ts";
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
import type { Change, Part, PartMessage, Surroundings } from "../../model/part.ts";
import { drawList, heightOf, listed, sortByPress } from "../../view/listing.ts";

interface Variable {
  readonly key: string;
  readonly name: string;
  readonly value: string;
}

/** `NAME=VALUE`; of several of one name all, as the kernel hands them on. */
function parseVariable(word: string, at: number): Variable {
  const equals = word.indexOf("=", 1);
  const name = equals < 0 ? word : word.slice(0, equals);
  return { key: `${name}\0${at}`, name, value: equals < 0 ? "" : word.slice(equals + 1) };
}

const columns: readonly Column<Variable>[] = [
  { name: "name", title: "NAME", least: 16, grows: 1, cell: ({ name }) => ({ text: name, role: "heading" }) },
  { name: "value", title: "VALUE", least: 20, grows: 3, cell: ({ value }) => value },
];

const orders: Readonly<Record<string, (variable: Variable) => string>> = { name: ({ name }) => name, value: ({ value }) => value };
const names = Object.keys(orders);
const nothingDescends: ReadonlySet<string> = new Set();
const noWords: readonly string[] = [];

const arranged = lastOf((words: readonly string[], filter: string, { column, descending }: ListState["sorted"]) => {
  const variables = words.map(parseVariable).filter(({ name, value }) => passesFilter(filter, `${name}=${value}`));
  return listed(
    sortRows(variables, orders[column] ?? (({ name }) => name), ({ key }) => key, descending),
    ({ key }) => key,
  );
});

const rowsOf = (list: ListState, { chosen }: Surroundings) =>
  arranged(chosen?.container?.record.spec.env ?? noWords, list.filter, list.sorted);

/** The whole of the chosen variable, which a table cuts: at most a third of the room. */
function footOf(list: ListState, around: Surroundings) {
  const { rows, keys } = rowsOf(list, around);
  const row = rows[placeOf(list, keys)];
  if (!row) return [];
  const most = Math.max(Math.floor(around.size.rows / 3), 1);
  const lines = wrapText(`${row.name}=${row.value}`, around.size.columns);
  return (lines.length > most ? [...lines.slice(0, most - 1), `${lines[most - 1]?.slice(0, -1)}${around.glyphs.cut}`] : lines).map((text) =>
    line(text, "dim"),
  );
}

function update(list: ListState, message: PartMessage, around: Surroundings): Change<ListState> {
  const { keys } = rowsOf(list, around);
  const height = heightOf(list, around, footOf(list, around).length);
  if (message.kind === "show" || message.kind === "fed") return { state: list };
  if (message.kind === "mouse") {
    const sorted = sortByPress(list, message.mouse, columns, around.size.columns, { names, descends: nothingDescends });
    return { state: sorted ?? updateListByMouse(list, message.mouse, keys, height) };
  }
  // Nothing can be done to variables: marks would promise it.
  if (!list.isFiltering && ["space", "*", "U"].includes(message.key.name)) return { state: list };
  const changed = updateListByKey(list, message.key, keys, height, names);
  return changed ? { state: settleList(changed, rowsOf(changed, around).keys, height) } : { state: list, isUnused: true };
}

export const environmentTab: Part<ListState> = {
  name: "environment",
  title: "Environment",
  initial: emptyList("name"),
  needs: () => [],
  update,
  draw: (list, around) =>
    drawList(
      {
        list,
        listed: rowsOf(list, around),
        columns,
        nothing: [list.filter === "" ? "it has no variables" : "no variable passes the filter"],
        foot: footOf(list, around),
      },
      around,
    ),
  keys: () => [
    { key: "Up Down", does: "choose; the whole of it stands below", isShown: true },
    { key: "/ F4", does: "filter", isShown: true },
    { key: "< > F6", does: "sort by name or value" },
    { key: "I", does: "turn the order round" },
  ],
  keep: { save: (list) => saveList({ ...list, filter: "" }), restore: (kept) => restoreList(emptyList("name"), kept, names) },
};
