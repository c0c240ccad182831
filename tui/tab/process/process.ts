// The tab with the processes of the chosen container, as it uses the machine now. Pure.
import { isLive } from "../../../src/container/record.ts";
import type { Part, Surroundings } from "../../model/part.ts";
import { initialProcessList, keepProcessList, makeProcessList, type ProcessListState, processHints } from "./list.ts";

function nothing({ chosen, fed }: Surroundings): string {
  const state = chosen?.container;
  if (!state || !isLive(state)) return "it does not run";
  return fed.processes?.of === chosen.id ? "it has no process just now" : "reading ...";
}

const processes = makeProcessList({
  hasContainer: false,
  board: ({ fed, chosen }) => (fed.processes && fed.processes.of === chosen?.id ? fed.processes.board : undefined),
  nothing,
});

export const processTab: Part<ProcessListState> = {
  name: "processes",
  title: "Processes",
  initial: initialProcessList,
  needs: (_, { chosen }) => (chosen?.container && isLive(chosen.container) ? [{ kind: "processes", of: chosen.id }] : []),
  update: (state, message, around) => processes.update(state, message, around),
  draw: (state, around) => processes.draw(state, around),
  keys: ({ isTree }) => processHints(isTree),
  keep: keepProcessList,
};
