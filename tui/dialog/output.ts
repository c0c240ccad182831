// The output of a command as it comes. Away with the dialog the command goes on; Ctrl-C ends it. Pure.
import { type Drawn, fillRows, fitText, type Line, line, span } from "../draw/cell.ts";
import { wrapText } from "../draw/wrap.ts";
import { renderCommand } from "../model/action.ts";
import { renderEnd } from "../model/outcome.ts";
import { type Change, type CommandEntry, type Dialog, dialogOf, type Part, type PartMessage, type Surroundings } from "../model/part.ts";
import { boundedTop, scrolled, windowHeight, windowOf } from "./scroll.ts";

interface State {
  readonly number: number;
  /** First line that is seen; undefined: the end, as it comes. */
  readonly top: number | undefined;
}

const entryOf = ({ number }: State, { commands }: Surroundings): CommandEntry | undefined =>
  commands.find((entry) => entry.number === number);

/** What it said, wrapped. */
export function outputLines({ output }: CommandEntry, columns: number): readonly Line[] {
  const dropped = output.dropped > 0 ? [line(`(${output.dropped} lines before these are not kept)`, "dim")] : [];
  return [...dropped, ...output.lines.flatMap((text) => wrapText(text, columns).map((part) => line(part)))];
}

const heightOf = ({ size }: Surroundings): number => Math.max(size.rows - 2, 1);

function update(state: State, message: PartMessage, around: Surroundings): Change<State> {
  const entry = entryOf(state, around);
  const count = entry ? outputLines(entry, around.size.columns).length : 0;
  const room = windowHeight(count, heightOf(around));
  const end = Math.max(count - room, 0);
  const top = scrolled(state.top ?? end, message, count, room);
  if (top !== undefined) return { state: { ...state, top: top >= end ? undefined : top } };
  if (message.kind !== "key") return { state };
  const { name } = message.key;
  if (name === "C-c" && entry?.code === undefined) return { state, effects: [{ kind: "signal", number: state.number, signal: "SIGINT" }] };
  if (name === "escape" || name === "q" || name === "enter" || name === "C-c") return { state, effects: [{ kind: "close" }] };
  return { state };
}

function draw(state: State, around: Surroundings): Drawn {
  const entry = entryOf(state, around);
  if (!entry) return { lines: [line("it is not remembered any more", "dim")] };
  const { columns, rows } = around.size;
  const height = heightOf(around);
  const lines = outputLines(entry, columns);
  const room = windowHeight(lines.length, height);
  const seen = windowOf(lines, boundedTop(state.top ?? lines.length, lines.length, room), height);
  const role = entry.code === undefined ? "plain" : entry.code === 0 ? "good" : "bad";
  const head: Line = [span("$ ", "dim"), span(fitText(renderCommand(entry.words), columns - 2, around.glyphs.cut), "accent")];
  const leaves: Line = entry.code === undefined ? [span("   "), span("C-c", "key"), span(" end it")] : [];
  return {
    lines: [head, ...fillRows(seen, rows - 2), [span(renderEnd(entry), role), span("   "), span("Esc", "key"), span(" away"), ...leaves]],
  };
}

const part: Part<State> = {
  name: "output",
  title: "Output",
  initial: { number: 0, top: undefined },
  needs: () => [],
  update,
  draw,
  keys: (state, around) => [
    ...(entryOf(state, around)?.code === undefined ? [{ key: "C-c", does: "end it", isShown: true }] : []),
    { key: "Esc", does: "away; it goes on", isShown: true },
    { key: "Up Down", does: "scroll", isShown: true },
  ],
};

/** Of the command with this number. */
export const outputDialog = (number: number): Dialog =>
  dialogOf(part, ({ columns, rows }) => ({ columns: Math.min(columns, 110), rows: Math.max(rows - 4, 8) }), { number, top: undefined });
