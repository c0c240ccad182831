// One of several, found by writing a part of it. Pure.
import { type Drawn, fillRows, fitText, type Line, line, span } from "../draw/cell.ts";
import { scrollTo } from "../draw/table.ts";
import { passesFilter } from "../model/list.ts";
import { movedByWheel } from "../model/move.ts";
import type { Need } from "../model/need.ts";
import { type Change, type Dialog, dialogOf, type Mouse, type Part, type PartMessage, type Surroundings } from "../model/part.ts";
import { drawField, type Field, fieldOf, updateField } from "./field.ts";
import { acceptEffects, explainEffects, type Offer, offerHints, renderOffer } from "./offer.ts";

export interface Option {
  readonly name: string;
  /** What it is, beside its name. */
  readonly note?: string;
}

export interface Choice {
  readonly title: string;
  readonly text: string;
  readonly needs?: readonly Need[];
  /** Undefined: not known yet. */
  options(around: Surroundings): readonly Option[] | undefined;
  /** Said when there are none. */
  readonly empty?: string;
  offer(option: Option): Offer;
}

interface State {
  readonly choice: Choice;
  readonly filter: Field;
  readonly at: number;
  readonly top: number;
}

const found = ({ choice, filter }: State, around: Surroundings): readonly Option[] =>
  (choice.options(around) ?? []).filter(({ name, note = "" }) => passesFilter(filter.text, `${name} ${note}`));

/** Rows for options: below text and filter, above what would be run. */
const heightOf = ({ size }: Surroundings): number => Math.max(size.rows - 5, 1);

function update(state: State, message: PartMessage, around: Surroundings): Change<State> {
  const options = found(state, around);
  const height = heightOf(around);
  const moved = (place: number): Change<State> => {
    const at = Math.min(Math.max(place, 0), Math.max(options.length - 1, 0));
    return { state: { ...state, at, top: scrollTo(state.top, at, height, options.length) } };
  };
  if (message.kind === "mouse") return byMouse(state, message.mouse, moved);
  if (message.kind !== "key") return { state };
  const { name } = message.key;
  const option = options[state.at];
  const pages: Readonly<Record<string, number>> = { up: -1, down: 1, "C-p": -1, "C-n": 1, pageup: -height, pagedown: height };
  const by = pages[name];
  if (by !== undefined) return moved(state.at + by);
  if (name === "escape" || name === "C-c") return { state, effects: [{ kind: "close" }] };
  if (name === "enter") return { state, ...(option ? { effects: acceptEffects(state.choice.offer(option)) } : {}) };
  if (name === "f2") return { state, ...(option ? { effects: explainEffects(state.choice.offer(option)) } : {}) };
  const filter = updateField(state.filter, message.key);
  return { state: filter ? { ...state, filter, at: 0, top: 0 } : state };
}

function byMouse(state: State, { action, row }: Mouse, moved: (place: number) => Change<State>): Change<State> {
  const by = movedByWheel(action);
  if (by !== undefined) return moved(state.at + by);
  return row < 2 ? { state } : moved(state.top + row - 2);
}

function draw(state: State, around: Surroundings): Drawn {
  const { size, glyphs } = around;
  const { choice } = state;
  const options = found(state, around);
  const known = choice.options(around);
  const filter = drawField(state.filter, size.columns - 2, glyphs.cut);
  const width = Math.min(Math.max(...options.map(({ name }) => name.length), 0) + 2, size.columns - 2);
  const seen = options.slice(state.top, state.top + heightOf(around)).map(({ name, note = "" }, place): Line => {
    const isChosen = state.top + place === state.at;
    return [
      span(`${isChosen ? glyphs.chosen : " "} `, isChosen ? "chosen" : undefined),
      span(fitText(name, width, glyphs.cut), isChosen ? "chosen" : undefined),
      span(note, "dim"),
    ];
  });
  const nothing = known === undefined ? "reading ..." : known.length === 0 ? (choice.empty ?? "there are none") : "none is called so";
  const option = options[state.at];
  return {
    lines: [
      line(choice.text, "strong"),
      [span("/ ", "key"), ...filter.spans],
      ...fillRows(seen.length > 0 ? seen : [line(`  ${nothing}`, "dim")], heightOf(around)),
      [],
      ...(option ? renderOffer(choice.offer(option), size.columns, 2) : []),
    ],
    cursor: { column: 2 + filter.cursor, row: 1 },
  };
}

const part = (choice: Choice): Part<State> => ({
  name: "choice",
  title: choice.title,
  initial: { choice, filter: fieldOf(""), at: 0, top: 0 },
  needs: () => choice.needs ?? [],
  update,
  draw,
  keys: () => [...offerHints("do it"), { key: "Up Down", does: "choose", isShown: true }],
});

/** Asks for one of the options; Enter runs what it makes. */
export const choiceDialog = (choice: Choice): Dialog =>
  dialogOf(part(choice), ({ columns, rows }) => ({ columns: Math.min(columns, 76), rows: Math.min(rows, 19) }));
