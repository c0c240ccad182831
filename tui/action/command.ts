// What can be done to commands of the list. Pure.
import { promptEffects } from "../dialog/command-line.ts";
import { confirmEffects } from "../dialog/confirm.ts";
import { renderOffer } from "../dialog/offer.ts";
import { outputDialog } from "../dialog/output.ts";
import { questionDialog } from "../dialog/question.ts";
import { type Action, renderWords } from "../model/action.ts";
import type { Effect } from "../model/effect.ts";
import type { Chosen, CommandEntry, Surroundings } from "../model/part.ts";
import { hasPlan } from "../model/words.ts";
import { needsOne, needsRows } from "./target.ts";

const entriesOf = (rows: readonly Chosen[], { commands }: Surroundings): readonly CommandEntry[] =>
  rows.flatMap(({ id }) => commands.find(({ number }) => `${number}` === id) ?? []);

/** What only looks runs at once; what changes something is asked for, as it was the first time. */
function againEffects(entries: readonly CommandEntry[]): readonly Effect[] {
  const isChange = entries.some(({ words }) => hasPlan(words));
  if (!isChange) return entries.map(({ words, place }): Effect => ({ kind: "command", words, place }));
  return confirmEffects({
    text: entries.length === 1 ? "Run it again?" : `Run ${entries.length} commands again?`,
    commands: () => entries.map(({ words }) => words),
    place: (words) => entries.find((entry) => entry.words === words)?.place ?? "quiet",
  });
}

function interruptEffects(entries: readonly CommandEntry[]): readonly Effect[] {
  const commands = entries.map(({ words }) => words);
  const linesOf = (columns: number) => renderOffer({ commands, place: "quiet" }, columns, Number.POSITIVE_INFINITY);
  const dialog = questionDialog(
    {
      title: "Sure?",
      text: () => (entries.length === 1 ? "Interrupt it, as Ctrl-C does?" : `Interrupt ${entries.length} commands, as Ctrl-C does?`),
      lines: ({ size }) => linesOf(size.columns),
      does: "yes",
      effects: entries.map(({ number }): Effect => ({ kind: "signal", number, signal: "SIGINT" })),
    },
    linesOf(74).length,
  );
  return [{ kind: "open", dialog }];
}

export const commandActions: readonly Action[] = [
  {
    name: "again",
    key: "r",
    does: "run again",
    refusal: needsRows,
    perform: (rows, around) => againEffects(entriesOf(rows, around)),
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
    perform: (rows, around) => interruptEffects(entriesOf(rows, around).filter(({ code }) => code === undefined)),
  },
];
