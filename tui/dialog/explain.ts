// What commands would do, by their own --dry-run: the steps with their reasons, or the script. Pure.
import { type Drawn, fillRows, type Line, line, span } from "../draw/cell.ts";
import type { Words } from "../model/action.ts";
import type { Effect, PlanForm } from "../model/effect.ts";
import { type Change, type Dialog, dialogOf, type Part, type PartMessage, type Surroundings } from "../model/part.ts";
import { hasPlan, planWords } from "../model/words.ts";
import { renderOffer } from "./offer.ts";
import { renderPreview } from "./preview.ts";
import { boundedTop, scrolled, windowHeight, windowOf } from "./scroll.ts";

interface State {
  readonly commands: readonly Words[];
  readonly form: PlanForm;
  readonly top: number;
}

const labelOf = (words: Words): string => words.join(" ");

/** The runs that a state shows. */
const asked = ({ commands, form }: State): readonly Effect[] =>
  commands.filter(hasPlan).map((words): Effect => {
    const plan = planWords(words, form);
    return { kind: "command", words: plan, place: "aside", label: labelOf(plan) };
  });

function linesOf({ commands, form }: State, around: Surroundings): readonly Line[] {
  const { columns } = around.size;
  return commands.flatMap((words, place) => [
    ...(place > 0 ? [[]] : []),
    ...renderOffer({ commands: [words], place: "aside" }, columns, 3),
    ...(hasPlan(words)
      ? renderPreview(around.commands, labelOf(planWords(words, form)), columns)
      : [line("it has no plan to show: it changes nothing itself (no --dry-run)", "dim")]),
  ]);
}

const heightOf = ({ size }: Surroundings): number => Math.max(size.rows - 1, 1);

function update(state: State, message: PartMessage, around: Surroundings): Change<State> {
  const count = linesOf(state, around).length;
  const top = scrolled(state.top, message, count, windowHeight(count, heightOf(around)));
  if (top !== undefined) return { state: { ...state, top } };
  if (message.kind !== "key") return { state };
  const { name } = message.key;
  if (name === "s" || name === "tab") {
    const changed: State = { ...state, form: state.form === "plan" ? "script" : "plan", top: 0 };
    return { state: changed, effects: asked(changed) };
  }
  const closes = ["escape", "q", "enter", "f2", "!", "C-c"].includes(name);
  return { state, ...(closes ? { effects: [{ kind: "close" }] } : {}) };
}

function draw(state: State, around: Surroundings): Drawn {
  const height = heightOf(around);
  const lines = linesOf(state, around);
  const seen = windowOf(lines, boundedTop(state.top, lines.length, windowHeight(lines.length, height)), height);
  const other = state.form === "plan" ? " as a script   " : " as a plan   ";
  return { lines: [...fillRows(seen, height), [span("s", "key"), span(other), span("Esc", "key"), span(" away; nothing has been done")]] };
}

const part: Part<State> = {
  name: "explain",
  title: "What it would do",
  initial: { commands: [], form: "plan", top: 0 },
  needs: () => [],
  update,
  draw,
  keys: ({ form }) => [
    { key: "s", does: form === "plan" ? "as a script" : "as a plan", isShown: true },
    { key: "Esc", does: "away", isShown: true },
    { key: "Up Down", does: "scroll", isShown: true },
  ],
};

/** Opens it, and asks tsns. */
export function explainDialogEffects(commands: readonly Words[], form: PlanForm): readonly Effect[] {
  const state: State = { commands, form, top: 0 };
  const wants: Dialog["wants"] = ({ columns, rows }) => ({ columns: Math.min(columns, 110), rows: Math.max(rows - 4, 8) });
  return [{ kind: "open", dialog: dialogOf(part, wants, state) }, ...asked(state)];
}
