// What can be done to commands of the list. Pure.
import { promptEffects } from "../dialog/command-line.ts";
import { outputDialog } from "../dialog/output.ts";
import { type Action, renderWords } from "../model/action.ts";
import type { Effect } from "../model/effect.ts";
import type { Chosen, CommandEntry, Surroundings } from "../model/part.ts";
import { needsOne, needsRows } from "./target.ts";

const entriesOf = (rows: readonly Chosen[], { commands }: Surroundings): readonly CommandEntry[] =>
  rows.flatMap(({ id }) => commands.find(({ number }) => `${number}` === id) ?? []);

export const commandActions: readonly Action[] = [
  {
    name: "again",
    key: "r",
    does: "run again",
    refusal: needsRows,
    perform: (rows, around) => entriesOf(rows, around).map(({ words, place }): Effect => ({ kind: "command", words, place })),
  },
  {
    name: "edit",
    key: "e",
    does: "into the prompt, to be changed",
    refusal: needsOne,
    perform: (rows, around) => entriesOf(rows, around).flatMap(({ words }) => promptEffects(renderWords(words))),
  },
  {
    name: "output",
    key: "o",
    does: "its output on top",
    refusal: needsOne,
    perform: (rows, around) => entriesOf(rows, around).map(({ number }): Effect => ({ kind: "open", dialog: outputDialog(number) })),
  },
  {
    name: "explain",
    key: "f2",
    also: ["!"],
    does: "what it would do now",
    refusal: needsRows,
    perform: (rows, around) => [{ kind: "explain", commands: entriesOf(rows, around).map(({ words }) => words), form: "plan" }],
  },
  {
    name: "interrupt",
    key: "K",
    also: ["f9"],
    does: "interrupt (SIGINT)",
    refusal: (rows) => needsRows(rows) ?? (rows.some(({ isRunning }) => isRunning) ? undefined : "it has ended"),
    perform: (rows, around) =>
      entriesOf(rows, around)
        .filter(({ code }) => code === undefined)
        .map(({ number }): Effect => ({ kind: "signal", number, signal: "SIGINT" })),
  },
];
