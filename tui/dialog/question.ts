// A question about something that is no command of its own: what it is about as it stands now, yes or no. Pure.
import { type Drawn, fillRows, type Line, line, span } from "../draw/cell.ts";
import { wrapText } from "../draw/wrap.ts";
import type { Effect } from "../model/effect.ts";
import { type Change, type Dialog, dialogOf, type KeyHint, type Part, type PartMessage, type Surroundings } from "../model/part.ts";
import { boundedTop, scrolled, windowHeight, windowOf } from "./scroll.ts";

export interface Question {
  readonly title: string;
  /** Asked again whenever it is drawn: what it is about goes on meanwhile. */
  text(around: Surroundings): string;
  lines(around: Surroundings): readonly Line[];
  /** What yes does, in a word. */
  readonly does: string;
  /** Other keys than y and Enter that mean yes, as a person reads them. */
  readonly also?: { readonly keys: ReadonlySet<string>; readonly shown: string };
  readonly effects: readonly Effect[];
}

interface State {
  readonly question: Question;
  readonly top: number;
}

interface Laid {
  readonly text: readonly Line[];
  readonly lines: readonly Line[];
  /** Rows for lines: below the text and a gap, above another one and the answers. */
  readonly room: number;
}

function layOut({ question }: State, around: Surroundings): Laid {
  const { columns, rows } = around.size;
  const text = wrapText(question.text(around), columns).map((part) => line(part, "strong"));
  return { text, lines: question.lines(around), room: Math.max(rows - text.length - 3, 1) };
}

const noes: ReadonlySet<string> = new Set(["n", "escape", "q", "C-c"]);

function update(state: State, message: PartMessage, around: Surroundings): Change<State> {
  const { lines, room } = layOut(state, around);
  const top = scrolled(state.top, message, lines.length, windowHeight(lines.length, room));
  if (top !== undefined) return { state: { ...state, top } };
  if (message.kind !== "key") return { state };
  const { name } = message.key;
  const { also, effects } = state.question;
  if (name === "y" || name === "enter" || also?.keys.has(name)) return { state, effects: [{ kind: "close" }, ...effects] };
  return { state, ...(noes.has(name) ? { effects: [{ kind: "close" }] } : {}) };
}

function draw(state: State, around: Surroundings): Drawn {
  const { text, lines, room } = layOut(state, around);
  const { does, also } = state.question;
  const seen = windowOf(lines, boundedTop(state.top, lines.length, windowHeight(lines.length, room)), room);
  const answers: Line = [span(also ? `y ${also.shown}` : "y", "key"), span(` ${does}   `), span("n", "key"), span(" no")];
  return { lines: [...text, [], ...fillRows(seen, room), [], answers] };
}

const hintsOf = ({ question: { does, also } }: State): readonly KeyHint[] => [
  { key: also ? `y ${also.shown}` : "y", does, isShown: true },
  { key: "n Esc", does: "no", isShown: true },
];

const part = (question: Question): Part<State> => ({
  name: "question",
  title: question.title,
  initial: { question, top: 0 },
  needs: () => [],
  update,
  draw,
  keys: hintsOf,
});

/** `rows`: lines there are to begin with. */
export const questionDialog = (question: Question, rows: number): Dialog =>
  dialogOf(part(question), (screen) => ({ columns: Math.min(screen.columns, 76), rows: Math.min(screen.rows, rows + 6) }));
