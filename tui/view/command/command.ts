// The view of commands that were run from here: what each action was in words, to learn from, to run again. Pure.
import { commandActions } from "../../action/command.ts";
import { promptEffects } from "../../dialog/command-line.ts";
import { line, type Role, span } from "../../draw/cell.ts";
import { type Column, renderTable } from "../../draw/table.ts";
import { renderCommand, renderWords } from "../../model/action.ts";
import { listedCommands } from "../../model/command-list.ts";
import {
  emptyList,
  type ListState,
  passesFilter,
  placeOf,
  restoreList,
  settleList,
  sortRows,
  updateListByKey,
  updateListByMouse,
} from "../../model/list.ts";
import { renderEnd } from "../../model/outcome.ts";
import type { Change, Chosen, CommandEntry, PartMessage, Surroundings, View } from "../../model/part.ts";

const keyOf = ({ number }: CommandEntry): string => `${number}`;

const took = ({ startedMs, endedMs }: CommandEntry, nowMs: number): number => Math.max((endedMs ?? nowMs) - startedMs, 0);

/** "0.2 s", "4 min 3 s". */
export function renderTook(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}

const two = (value: number): string => `${value}`.padStart(2, "0");
const clock = (milliseconds: number): string => {
  const date = new Date(milliseconds);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
};

const roleOf = ({ code }: CommandEntry): Role => (code === undefined ? "warning" : code === 0 ? "good" : "bad");

const columns = (nowMs: number): readonly Column<CommandEntry>[] => [
  { name: "number", title: "#", least: 4, align: "right", priority: 3, cell: ({ number }) => `${number}` },
  { name: "time", title: "TIME", least: 8, priority: 1, cell: ({ startedMs }) => clock(startedMs) },
  { name: "command", title: "COMMAND", least: 20, grows: 3, cell: ({ words }) => renderCommand(words) },
  { name: "end", title: "END", least: 14, grows: 1, cell: (entry) => ({ text: renderEnd(entry), role: roleOf(entry) }) },
  { name: "took", title: "TOOK", least: 11, align: "right", priority: 2, cell: (entry) => renderTook(took(entry, nowMs)) },
];

const orders: Readonly<Record<string, (entry: CommandEntry) => string | number>> = {
  number: ({ number }) => number,
  command: ({ words }) => renderWords(words),
  end: (entry) => renderEnd(entry),
  took: (entry) => took(entry, entry.startedMs),
};

const byOrder = (list: ListState) => orders[list.sorted.column] ?? keyOf;

function rowsOf(list: ListState, { commands }: Pick<Surroundings, "commands">): readonly CommandEntry[] {
  const rows = listedCommands(commands).filter((entry) => passesFilter(list.filter, `${renderCommand(entry.words)} ${renderEnd(entry)}`));
  return list.sorted.column === "number" && list.sorted.descending
    ? rows.toReversed()
    : sortRows(rows, byOrder(list), keyOf, list.sorted.descending);
}

const chosenOf = ({ number, words, code }: CommandEntry): Chosen => ({
  kind: "command",
  reference: renderCommand(words),
  id: `${number}`,
  isRunning: code === undefined,
});

const heightOf = (list: ListState, { size }: Surroundings): number => size.rows - 1 - (list.isFiltering || list.filter !== "" ? 1 : 0);

function chosenRow(list: ListState, around: Pick<Surroundings, "commands">): CommandEntry | undefined {
  const rows = rowsOf(list, around);
  return rows[placeOf(list, rows.map(keyOf))];
}

function update(list: ListState, message: PartMessage, around: Surroundings): Change<ListState> {
  const keys = rowsOf(list, around).map(keyOf);
  const height = heightOf(list, around);
  if (message.kind === "mouse") return { state: updateListByMouse(list, message.mouse, keys, height) };
  if (message.kind === "show") return { state: settleList({ ...list, chosen: message.row, filter: "" }, keys, height) };
  if (message.kind === "fed") return { state: list };
  const changed = updateListByKey(list, message.key, keys, height, Object.keys(orders));
  if (changed) return { state: changed };
  const row = chosenRow(list, around);
  // To be looked at once more before it is run again.
  if (message.key.name === "enter" && row) return { state: list, effects: promptEffects(renderWords(row.words)) };
  return { state: list, isUnused: true };
}

export const commandView: View<ListState> = {
  name: "commands",
  title: "Commands",
  initial: emptyList("number", true),
  tabs: ["output"],
  actions: commandActions,
  needs: () => [],
  update,
  draw(list, around) {
    const rows = rowsOf(list, around);
    const keys = rows.map(keyOf);
    const height = heightOf(list, around);
    const settled = settleList(list, keys, height);
    const table = renderTable({
      columns: columns(around.nowMs),
      rows,
      chosen: placeOf(settled, keys),
      top: settled.top,
      isMarked: (row) => list.marked.has(keyOf(row)),
      sorted: list.sorted,
      isFocused: around.isFocused,
      width: around.size.columns,
      height: height + 1,
      glyphs: around.glyphs,
    });
    const nothing =
      list.filter === "" ? "nothing has been done yet: every action stands here as its command" : "no command passes the filter";
    const filter =
      list.isFiltering || list.filter !== "" ? [[span("/", "key"), span(list.filter, "accent"), span(list.isFiltering ? "_" : "")]] : [];
    return { lines: [...table, ...(rows.length === 0 ? [line(`  ${nothing}`, "dim")] : []), ...filter] };
  },
  keys: () => [
    { key: "Up Down", does: "choose" },
    { key: "Enter", does: "into the prompt, to run it again", isShown: true },
    { key: "/", does: "filter", isShown: true },
    { key: "<>", does: "sort" },
    { key: "I", does: "turn the order round" },
  ],
  chosen(list, around) {
    const row = chosenRow(list, around);
    return row && chosenOf(row);
  },
  targets(list, around) {
    const marked = rowsOf(list, around).filter((row) => list.marked.has(keyOf(row)));
    const row = chosenRow(list, around);
    return (marked.length > 0 ? marked : row ? [row] : []).map(chosenOf);
  },
  // A filter means nothing to the commands of another run.
  keep: { save: ({ sorted }) => ({ sorted }), restore: (kept) => restoreList(emptyList("number", true), kept, Object.keys(orders)) },
};
