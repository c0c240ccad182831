// The view of the processes of all containers that run, below what the machine does: `tsns top`. Pure.
import type { ProcessUse } from "../../../src/engine/live/process.ts";
import { type Line, line, span } from "../../draw/cell.ts";
import { lastOf } from "../../model/memo.ts";
import type { PartMessage, Surroundings, View } from "../../model/part.ts";
import { initialProcessList, keepProcessList, makeProcessList, type ProcessListState, processHints } from "../../tab/process/list.ts";
import { shortHostLines } from "../host/meter.ts";

const processes = makeProcessList({
  hasContainer: true,
  board: ({ fed }) => fed.processes?.board,
  nothing: ({ fed }) => (fed.processes === undefined ? "reading ..." : "no container runs"),
});

/** Fewer rows than that are left to the list: the machine is not shown. */
const leastListRows = 6;

const countStates = lastOf((processes: readonly ProcessUse[]) => {
  let [running, zombies] = [0, 0];
  for (const { state } of processes) {
    if (state === "R") running++;
    if (state === "Z") zombies++;
  }
  return { running, zombies };
});

function summary({ fed }: Surroundings): Line {
  const board = fed.processes?.board;
  if (!board) return line("reading ...", "dim");
  const { running, zombies } = countStates(board.processes);
  return [
    span("tasks".padEnd(11), "strong"),
    span(`${board.processes.length} in ${board.containers} ${board.containers === 1 ? "container" : "containers"}, ${running} running`),
    ...(zombies > 0 ? [span(`, ${zombies} ${zombies === 1 ? "zombie" : "zombies"}`, "bad")] : []),
  ];
}

/** Lines above the list. */
function headOf(around: Surroundings): readonly Line[] {
  const head = [...(around.fed.host ? shortHostLines(around.fed.host, around) : []), summary(around)];
  return around.size.rows - head.length >= leastListRows ? head : head.slice(-1);
}

const below = (around: Surroundings, head: number): Surroundings => ({
  ...around,
  size: { ...around.size, rows: around.size.rows - head },
});

const shifted = (message: PartMessage, head: number): PartMessage =>
  message.kind === "mouse" ? { ...message, mouse: { ...message.mouse, row: message.mouse.row - head } } : message;

export const processView: View<ProcessListState> = {
  name: "processes",
  title: "Processes",
  initial: initialProcessList,
  tabs: [],
  actions: [],
  needs: () => [{ kind: "processes", of: "running" }, { kind: "host" }],
  update(state, message, around) {
    const head = headOf(around).length;
    if (message.kind === "mouse" && message.mouse.action === "press" && message.mouse.row < head) return { state };
    return processes.update(state, shifted(message, head), below(around, head));
  },
  draw(state, around) {
    const head = headOf(around);
    const { lines, cursor } = processes.draw(state, below(around, head.length));
    return { lines: [...head, ...lines], ...(cursor ? { cursor: { ...cursor, row: cursor.row + head.length } } : {}) };
  },
  keys: ({ isTree }) => processHints(isTree),
  // What can be done to a process is the list's own; its container is another view's.
  chosen: () => undefined,
  targets: () => [],
  keep: keepProcessList,
};
