// The help: what keys do where one is, what they do everywhere, what can be done to rows; found by writing a part of it. Pure.
import { type Drawn, fillRows, fitText, type Line, line, span } from "../draw/cell.ts";
import { passesFilter } from "../model/list.ts";
import { type Change, type Dialog, dialogOf, type KeyHint, type Part, type PartMessage, type Surroundings } from "../model/part.ts";
import { drawField, type Field, fieldOf, updateField } from "./field.ts";
import { boundedTop, scrolled, windowHeight, windowOf } from "./scroll.ts";

export interface HelpSection {
  readonly title: string;
  readonly hints: readonly Pick<KeyHint, "key" | "does">[];
}

interface State {
  readonly sections: readonly HelpSection[];
  readonly top: number;
  readonly filter: Field;
  readonly isFiltering: boolean;
}

/** Keys as a person reads them. */
const names: Readonly<Record<string, string>> = {
  delete: "Del",
  f1: "F1",
  f2: "F2",
  f3: "F3",
  f4: "F4",
  f5: "F5",
  f6: "F6",
  f7: "F7",
  f8: "F8",
  f9: "F9",
  f10: "F10",
  enter: "Enter",
  escape: "Esc",
  space: "Space",
};
export const keyName = (key: string): string => names[key] ?? key;

function linesOf({ sections, filter }: State, columns: number, cutSign: string): readonly Line[] {
  const found = sections
    .map(({ title, hints }) => ({ title, hints: hints.filter(({ key, does }) => passesFilter(filter.text, `${title} ${key} ${does}`)) }))
    .filter(({ hints }) => hints.length > 0);
  if (found.length === 0) return [line("no key does that", "dim")];
  const width = Math.min(Math.max(...found.flatMap(({ hints }) => hints.map(({ key }) => key.length)), 0), 16);
  return found.flatMap(({ title, hints }, place) => [
    ...(place > 0 ? [[]] : []),
    line(title, "strong"),
    ...hints.map(
      ({ key, does }): Line => [
        span("  "),
        span(fitText(key, width, cutSign), "accent"),
        span("  "),
        span(fitText(does, Math.max(columns - width - 4, 1), cutSign).trimEnd()),
      ],
    ),
  ]);
}

const heightOf = ({ size }: Surroundings): number => Math.max(size.rows - 1, 1);

function update(state: State, message: PartMessage, around: Surroundings): Change<State> {
  if (message.kind === "key" && state.isFiltering) return { state: write(state, message.key) };
  const count = linesOf(state, around.size.columns, around.glyphs.cut).length;
  const top = scrolled(state.top, message, count, windowHeight(count, heightOf(around)));
  if (top !== undefined) return { state: { ...state, top } };
  if (message.kind !== "key") return { state };
  const { name } = message.key;
  if (name === "/") return { state: { ...state, isFiltering: true } };
  if (name === "escape" && state.filter.text !== "") return { state: { ...state, filter: fieldOf(""), top: 0 } };
  const closes = ["escape", "q", "?", "enter", "C-c", "f1"].includes(name);
  return { state, ...(closes ? { effects: [{ kind: "close" }] } : {}) };
}

function write(state: State, key: { readonly name: string; readonly text: string }): State {
  if (key.name === "enter") return { ...state, isFiltering: false };
  if (key.name === "escape") return { ...state, isFiltering: false, filter: fieldOf(""), top: 0 };
  const filter = updateField(state.filter, key);
  return filter ? { ...state, filter, top: 0 } : state;
}

function draw(state: State, around: Surroundings): Drawn {
  const { size, glyphs } = around;
  const lines = linesOf(state, size.columns, glyphs.cut);
  const height = heightOf(around);
  const seen = windowOf(lines, boundedTop(state.top, lines.length, windowHeight(lines.length, height)), height);
  const field = drawField(state.filter, size.columns - 2, glyphs.cut);
  const foot: Line =
    state.isFiltering || state.filter.text !== ""
      ? [span("/ ", "key"), ...field.spans]
      : [span("/", "key"), span(" find   "), span("Esc", "key"), span(" away")];
  return {
    lines: [...fillRows(seen, height), foot],
    ...(state.isFiltering ? { cursor: { column: 2 + field.cursor, row: size.rows - 1 } } : {}),
  };
}

const part: Part<State> = {
  name: "help",
  title: "Help",
  initial: { sections: [], top: 0, filter: fieldOf(""), isFiltering: false },
  needs: () => [],
  update,
  draw,
  keys: () => [
    { key: "/", does: "find", isShown: true },
    { key: "Up Down", does: "scroll", isShown: true },
    { key: "Esc", does: "away", isShown: true },
  ],
};

export const helpDialog = (sections: readonly HelpSection[]): Dialog =>
  dialogOf(part, ({ columns, rows }) => ({ columns: Math.min(columns, 76), rows: Math.max(rows - 2, 8) }), { ...part.initial, sections });
