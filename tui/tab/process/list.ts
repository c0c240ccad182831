// A list of processes: chosen, filtered, sorted by the keys of htop, as a tree, and one of them sent a signal. The tab of a container and
// the view of all are made of it. Pure.
import type { ProcessBoard, ProcessUse } from "../../../src/engine/live/process.ts";
import { signals } from "../../action/signal.ts";
import { choiceDialog } from "../../dialog/choice.ts";
import type { Drawn } from "../../draw/cell.ts";
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
import { lastOf } from "../../model/memo.ts";
import type { Change, KeyHint, PartMessage, Surroundings } from "../../model/part.ts";
import { drawList, heightOf, listed, sortByPress } from "../../view/listing.ts";
import { commandOf, descendingOrders, type ProcessRow, processColumns, processOrders } from "./column.ts";
import { arrangeProcesses, keyOfProcess } from "./order.ts";

export interface ProcessListState {
  readonly list: ListState;
  readonly isTree: boolean;
}

export const initialProcessList: ProcessListState = { list: emptyList("cpu", true), isTree: false };

/** What of a list of processes is another one in a tab and in a view. */
export interface ProcessListForm {
  /** With the name of each one's container. */
  readonly hasContainer: boolean;
  /** Undefined: nothing has come yet. */
  board(around: Surroundings): ProcessBoard | undefined;
  /** Said where there is none. */
  nothing(around: Surroundings): string;
}

const noProcesses: readonly ProcessUse[] = [];
const orders = (hasContainer: boolean): readonly string[] =>
  Object.keys(processOrders).filter((name) => hasContainer || name !== "container");

/** htop's keys. */
const sortKeys: Readonly<Record<string, string>> = { P: "cpu", M: "memory", T: "time", N: "pid" };

export function makeProcessList(form: ProcessListForm) {
  const columns = processColumns(form.hasContainer);
  const names = orders(form.hasContainer);
  const arranged = lastOf(
    (processes: readonly ProcessUse[], filter: string, sorted: ListState["sorted"], isTree: boolean, glyphs: Surroundings["glyphs"]) =>
      listed(arrangeProcesses(processes, { filter, sorted }, isTree, glyphs), ({ use }: ProcessRow) => keyOfProcess(use)),
  );
  const rowsOf = ({ list, isTree }: ProcessListState, around: Surroundings) =>
    arranged(form.board(around)?.processes ?? noProcesses, list.filter, list.sorted, isTree, around.glyphs);
  function chosenOf(state: ProcessListState, around: Surroundings): ProcessUse | undefined {
    const { rows, keys } = rowsOf(state, around);
    return rows[placeOf(state.list, keys)]?.use;
  }
  function updateByKey(state: ProcessListState, message: Extract<PartMessage, { kind: "key" }>, around: Surroundings) {
    const { list } = state;
    const { name } = message.key;
    const changed = (next: ListState): Change<ProcessListState> => ({ state: { ...state, list: next } });
    if (!list.isFiltering) {
      const column = sortKeys[name];
      if (column !== undefined) return changed({ ...list, sorted: { column, descending: descendingOrders.has(column) } });
      if (name === "t" || name === "f5") return { state: { ...state, isTree: !state.isTree } };
      if (name === "K" || name === "f9" || name === "delete") return { state, effects: killEffects(chosenOf(state, around)) };
      // Nothing can be done to several processes at once: marks would promise it.
      if (name === "space" || name === "*" || name === "U") return { state };
    }
    const next = updateListByKey(list, message.key, rowsOf(state, around).keys, heightOf(list, around), names);
    return next ? changed(next) : { state, isUnused: true };
  }
  return {
    chosenOf,
    update(state: ProcessListState, message: PartMessage, around: Surroundings): Change<ProcessListState> {
      const { list } = state;
      const { keys } = rowsOf(state, around);
      const height = heightOf(list, around);
      const changed = (next: ListState): Change<ProcessListState> => ({ state: { ...state, list: next } });
      if (message.kind === "show") return changed(settleList({ ...list, chosen: message.row, filter: "" }, keys, height));
      if (message.kind === "fed") return changed(message.fed.feed === "processes" ? settleList(list, keys, height) : list);
      if (message.kind === "key") return updateByKey(state, message, around);
      const { mouse } = message;
      const sorted = sortByPress(list, mouse, columns, around.size.columns, { names, descends: descendingOrders });
      return changed(sorted ?? updateListByMouse(list, mouse, keys, height));
    },
    draw(state: ProcessListState, around: Surroundings): Drawn {
      const isFiltered = state.list.filter !== "" && form.board(around) !== undefined;
      const nothing = [isFiltered ? "no process passes the filter" : form.nothing(around)];
      return drawList({ list: state.list, listed: rowsOf(state, around), columns, nothing }, around);
    },
  };
}

function killEffects(use: ProcessUse | undefined): readonly Effect[] {
  if (!use) return [{ kind: "say", text: "no process is chosen" }];
  const dialog = choiceDialog({
    title: "Kill a process",
    text: `Which signal for process ${use.pid} of ${use.containerName}: ${commandOf(use)}`,
    options: () => signals,
    offer: ({ name }) => ({ commands: [["kill", "--process", `${use.pid}`, "--signal", name, use.containerName]], place: "quiet" }),
  });
  return [{ kind: "open", dialog }];
}

export const processHints = (isTree: boolean): readonly KeyHint[] => [
  { key: "Up Down", does: "choose" },
  { key: "t F5", does: isTree ? "list" : "tree", isShown: true },
  { key: "P M T N", does: "sort by CPU, memory, time, pid", isShown: true },
  { key: "< > F6", does: "sort by another column" },
  { key: "I", does: "turn the order round" },
  { key: "K F9", does: "kill a process", isShown: true },
  { key: "/ F4", does: "filter", isShown: true },
];

export const keepProcessList = {
  save: ({ list, isTree }: ProcessListState): unknown => ({ ...saveList({ ...list, filter: "" }), isTree }),
  restore(kept: unknown): ProcessListState {
    const { isTree } = (typeof kept === "object" && kept !== null ? kept : {}) as { readonly isTree?: unknown };
    return { list: restoreList(initialProcessList.list, kept, Object.keys(processOrders)), isTree: isTree === true };
  },
};
