// A question before something that cannot be taken back: the command it is, yes or no. Pure.

import { line, span } from "../draw/cell.ts";
import { renderCommand } from "../model/action.ts";
import type { CommandPlace, Effect } from "../model/effect.ts";
import { type Change, type Dialog, dialogOf, type Part, type PartMessage } from "../model/part.ts";

export interface Question {
  readonly text: string;
  /** Each is run when the answer is yes. */
  readonly commands: readonly (readonly string[])[];
  readonly place: CommandPlace;
}

const part: Part<Question> = {
  name: "confirm",
  title: "Sure?",
  initial: { text: "", commands: [], place: "quiet" },
  needs: () => [],
  update(question: Question, message: PartMessage): Change<Question> {
    if (message.kind !== "key") return { state: question };
    const { name } = message.key;
    if (name === "y" || name === "enter") {
      const run = question.commands.map((words): Effect => ({ kind: "command", words, place: question.place }));
      return { state: question, effects: [{ kind: "close" }, ...run] };
    }
    return { state: question, ...(name === "n" || name === "escape" || name === "q" ? { effects: [{ kind: "close" }] } : {}) };
  },
  draw: ({ text, commands }) => ({
    lines: [
      line(text, "strong"),
      [],
      ...commands.map((words) => line(renderCommand(words), "accent")),
      [],
      [span("y", "key"), span(" yes   "), span("n", "key"), span(" no")],
    ],
  }),
  keys: () => [
    { key: "y", does: "yes", isShown: true },
    { key: "n", does: "no", isShown: true },
  ],
};

/** Asks; yes runs the commands. */
export const confirmDialog = (question: Question): Dialog =>
  dialogOf(part, ({ columns, rows }) => ({ columns: Math.min(columns, 76), rows: Math.min(rows, question.commands.length + 6) }), question);
