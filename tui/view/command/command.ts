// The view of commands that were run from here: what each action was in words, to learn from, to run again. Pure.
import { commandActions } from "../../action/command.ts";
import { promptEffects } from "../../dialog/command-line.ts";
import { clockTime } from "../../draw/amount.ts";
import type { Role } from "../../draw/cell.ts";
import type { Column } from "../../draw/table.ts";
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
import { drawList, heightOf, type Listed, listed, listHints, sortByPress } from "../listing.ts";

const keyOf = ({ number }: CommandEntry): string => `${number}`;

const took = ({ startedMs, endedMs }: CommandEntry, nowMs: number): number => Math.max((endedMs ?? nowMs) - startedMs, 0);

/** "0.2 s", "4 min 3 s". */
export function renderTook(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}

const roleOf = ({ code }: CommandEntry): Role => (code === undefined ? "warning" : code === 0 ? "good" : "bad");

const columns = (nowMs: number): readonly Column<CommandEntry>[] => [
  { name: "number", title: "#", least: 4, align: "right", priority: 3, cell: keyOf },
  { name: "time", title: "TIME", least: 8, priority: 1, cell: ({ startedMs }) => clockTime(startedMs) },
  { name: "command", title: "COMMAND", least: 20, grows: 3, cell: ({ words }) => renderCommand(words) },
  { name: "end", title: "END", least: 14, grows: 1, cell: (entry) => ({ text: renderEnd(entry), role: roleOf(entry) }) },
  { name: "took", title: "TOOK", least: 11, align: "right", priority: 2, cell: (entry) => renderTook(took(entry, nowMs)) },
];

const orders: Readonly<Record<string, (entry: CommandEntry) => string | number>> = {
  number: ({ number }) => number,
  command: ({ words }) => renderWords(words),
  end: renderEnd,
  took: (entry) => took(entry, entry.startedMs),
};
const names = Object.keys(orders);
const descends: ReadonlySet<string> = new Set(["number", "took"]);

function rowsOf({ filter, sorted }: ListState, { commands }: Pick<Surroundings, "commands">): Listed<CommandEntry> {
  const rows = listedCommands(commands).filter((entry) => passesFilter(filter, `${renderCommand(entry.words)} ${renderEnd(entry)}`));
  // By number, not by its digits.
  const byNumber = (entry: CommandEntry) => keyOf(entry).padStart(9, "0");
  return listed(sortRows(rows, orders[sorted.column] ?? byNumber, byNumber, sorted.descending), keyOf);
}

const chosenOf = ({ number, words, code }: CommandEntry): Chosen => ({
  kind: "command",
  reference: renderCommand(words),
  id: `${number}`,
  isRunning: code === undefined,
});

function chosenRow(list: ListState, around: Surroundings): CommandEntry | undefined {
  const { rows, keys } = rowsOf(list, around);
  return rows[placeOf(list, keys)];
}

function update(list: ListState, message: PartMessage, around: Surroundings): Change<ListState> {
  const { keys } = rowsOf(list, around);
  const height = heightOf(list, around);
  if (message.kind === "mouse") {
    const sorted = sortByPress(list, message.mouse, columns(around.nowMs), around.size.columns, { names, descends });
    return { state: sorted ?? updateListByMouse(list, message.mouse, keys, height) };
  }
  if (message.kind === "show") return { state: settleList({ ...list, chosen: message.row, filter: "" }, keys, height) };
  if (message.kind === "fed") return { state: list };
  const changed = updateListByKey(list, message.key, keys, height, names);
  if (changed) return { state: changed };
  const row = chosenRow(list, around);
  // To be looked at once more before it is run again.
  if (message.key.name === "enter" && row) return { state: list, effects: promptEffects(renderWords(row.words)) };
  return { state: list, isUnused: true };
}

export const commandView: View<ListState> = {
  name: "commands",
  title: "Commands",
  short: "Cmd",
  initial: emptyList("number", true),
  tabs: ["output"],
  actions: commandActions,
  needs: () => [],
  update,
  draw(list, around) {
    const nothing =
      list.filter === "" ? "nothing has been done yet: every action stands here as its command" : "no command passes the filter";
    return drawList({ list, listed: rowsOf(list, around), columns: columns(around.nowMs), nothing: [nothing] }, around);
  },
  keys: () => [{ key: "Enter", does: "into the prompt, to run it again", isShown: true }, ...listHints],
  chosen(list, around) {
    const row = chosenRow(list, around);
    return row && chosenOf(row);
  },
  targets(list, around) {
    const { rows } = rowsOf(list, around);
    const marked = rows.filter((row) => list.marked.has(keyOf(row)));
    const row = chosenRow(list, around);
    return (marked.length > 0 ? marked : row ? [row] : []).map(chosenOf);
  },
  // A filter means nothing to the commands of another run.
  keep: { save: ({ sorted }) => ({ sorted }), restore: (kept) => restoreList(emptyList("number", true), kept, names) },
};
