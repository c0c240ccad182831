// All of one line: time, stream, what the log knows of it, its whole text; JSON with its structure. Pure.
import { renderJson } from "../../../src/base/text.ts";
import { parseStyled } from "../../../src/container/log/styled.ts";
import type { LogLine } from "../../../src/engine/container/log/held.ts";
import type { WholeLine } from "../../../src/engine/container/log/whole.ts";
import { boundedTop, scrolled, windowHeight, windowOf } from "../../dialog/scroll.ts";
import { cutText, type Drawn, fillRows, type Line, line, span } from "../../draw/cell.ts";
import { lastOf } from "../../model/memo.ts";
import { type Change, type Chosen, type Dialog, dialogOf, type Part, type PartMessage, type Surroundings } from "../../model/part.ts";
import { localTime, readLine } from "./row.ts";

interface State {
  readonly subject: Chosen;
  readonly line: LogLine;
  readonly top: number;
}

/** A text that is visible already, in rows; without a look at all of it for each row. */
export function chunkText(text: string, columns: number): readonly string[] {
  const rows: string[] = [];
  let from = 0;
  do {
    const shown = cutText(text.slice(from, from + columns * 4 + 8), Math.max(columns, 1));
    const to = Math.min(from + Math.max(shown.length, 1), text.length);
    rows.push(text.slice(from, to));
    from = to;
  } while (from < text.length);
  return rows;
}

/** JSON as one reads it: an object with a line for each member; undefined for other text. */
export function prettyJson(text: string): readonly string[] | undefined {
  const at = text.search(/[[{]/);
  if (at < 0 || !/[\]}]\s*$/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text.slice(at));
    if (typeof value !== "object" || value === null) return undefined;
    const before = text.slice(0, at).trim();
    return [...(before === "" ? [] : [before]), ...renderJson(value, 2).split("\n")];
  } catch {
    return undefined;
  }
}

const streams = ["stdout", "stderr"] as const;

const linesOf = lastOf((subject: Chosen, held: LogLine, whole: WholeLine | undefined, columns: number): readonly Line[] => {
  const raw = whole?.text ?? held.text;
  const { text } = parseStyled(raw);
  const fields: readonly (readonly [string, string])[] = [
    ["container", subject.reference],
    ["time", whole ? `${whole.time}  (${localTime(held.ms)} here)` : localTime(held.ms)],
    ["stream", streams[held.stream]],
    ["level", readLine(held).level ?? "none said"],
    ["bytes", held.bytes.toLocaleString("en-US") + (whole?.isCut ? ", the first of them here" : "")],
    ...(whole && whole.attributes !== "" ? [["attributes", whole.attributes] as const] : []),
  ];
  const head = fields.flatMap(([name, value]) =>
    chunkText(value, Math.max(columns - 12, 1)).map((part, at): Line => [span((at === 0 ? name : "").padEnd(12), "dim"), span(part)]),
  );
  const rows = prettyJson(text) ?? [text];
  return [...head, [], ...rows.flatMap((row) => chunkText(row, columns)).map((row) => line(row))];
});

function linesIn({ subject, line: held }: State, { fed, size }: Surroundings): readonly Line[] {
  const found = fed.logLine;
  const isIt = found?.id === subject.id && found.at.file === held.at.file && found.at.offset === held.at.offset;
  return linesOf(subject, held, isIt ? found.line : undefined, size.columns);
}

const heightOf = ({ size }: Surroundings): number => Math.max(size.rows - 1, 1);

function update(state: State, message: PartMessage, around: Surroundings): Change<State> {
  const count = linesIn(state, around).length;
  const top = scrolled(state.top, message, count, windowHeight(count, heightOf(around)));
  if (top !== undefined) return { state: { ...state, top } };
  const closes = message.kind === "key" && ["escape", "q", "enter", "C-c"].includes(message.key.name);
  return { state, ...(closes ? { effects: [{ kind: "close" }] } : {}) };
}

function draw(state: State, around: Surroundings): Drawn {
  const height = heightOf(around);
  const lines = linesIn(state, around);
  const seen = windowOf(lines, boundedTop(state.top, lines.length, windowHeight(lines.length, height)), height);
  return { lines: [...fillRows(seen, height), [span("Esc", "key"), span(" away")]] };
}

const part = (initial: State): Part<State> => ({
  name: "log line",
  title: "A line",
  initial,
  needs: ({ subject, line: { at, stream, ms } }) => [{ kind: "logLine", id: subject.id, at, stream, ms }],
  update,
  draw,
  keys: () => [
    { key: "Esc", does: "away", isShown: true },
    { key: "Up Down", does: "scroll", isShown: true },
  ],
});

/** Of a line of this container. */
export const detailDialog = (subject: Chosen, held: LogLine): Dialog =>
  dialogOf(part({ subject, line: held, top: 0 }), ({ columns, rows }) => ({
    columns: Math.min(columns, 110),
    rows: Math.max(rows - 4, 8),
  }));
