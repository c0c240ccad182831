// A text that is too long for its line, whole. Pure.
import { type Drawn, fillRows, line, type Role, span } from "../draw/cell.ts";
import { wrapText } from "../draw/wrap.ts";
import { type Change, type Dialog, dialogOf, type Part, type PartMessage, type Surroundings } from "../model/part.ts";
import { boundedTop, scrolled, windowHeight, windowOf } from "./scroll.ts";

interface State {
  readonly text: string;
  readonly role: Role;
  readonly top: number;
}

const linesOf = ({ text, role }: State, columns: number) => wrapText(text, columns).map((part) => line(part, role));
const heightOf = ({ size }: Surroundings): number => Math.max(size.rows - 1, 1);
const closing: ReadonlySet<string> = new Set(["escape", "q", "enter", "space", "C-c"]);

function update(state: State, message: PartMessage, around: Surroundings): Change<State> {
  const { length } = linesOf(state, around.size.columns);
  const top = scrolled(state.top, message, length, windowHeight(length, heightOf(around)));
  if (top !== undefined) return { state: { ...state, top } };
  return { state, ...(message.kind === "key" && closing.has(message.key.name) ? { effects: [{ kind: "close" }] } : {}) };
}

function draw(state: State, around: Surroundings): Drawn {
  const height = heightOf(around);
  const lines = linesOf(state, around.size.columns);
  const seen = windowOf(lines, boundedTop(state.top, lines.length, windowHeight(lines.length, height)), height);
  return { lines: [...fillRows(seen, height), [span("Esc", "key"), span(" away")]] };
}

const part = (title: string): Part<State> => ({
  name: "text",
  title,
  initial: { text: "", role: "plain", top: 0 },
  needs: () => [],
  update,
  draw,
  keys: () => [{ key: "Esc", does: "away", isShown: true }],
});

export const textDialog = (title: string, text: string, role: Role): Dialog =>
  dialogOf(
    part(title),
    ({ columns, rows }) => {
      const width = Math.min(columns, 76);
      return { columns: width, rows: Math.min(rows, wrapText(text, Math.max(width - 4, 1)).length + 4) };
    },
    { text, role, top: 0 },
  );
