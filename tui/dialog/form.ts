// Fields that are filled in and make commands: one (a prompt, with a history of what was entered) or several (a form). Pure.
import { type Drawn, fitText, type Line, line, span } from "../draw/cell.ts";
import type { Effect } from "../model/effect.ts";
import { type Change, type Dialog, dialogOf, type Key, type Part, type PartMessage, type Surroundings } from "../model/part.ts";
import { drawField, type Field, fieldOf, updateField } from "./field.ts";
import { acceptEffects, explainEffects, type Offer, offerHints, renderOffer } from "./offer.ts";

export interface FormField {
  readonly name: string;
  readonly title: string;
  readonly value?: string;
  /** What may be written, in a few words. */
  readonly hint?: string;
  /** Switched by the space bar: its value is "yes" or nothing. */
  readonly isSwitch?: boolean;
}

/** Values of the fields by their names. */
export type Filled = Readonly<Record<string, string>>;

export interface Form {
  readonly title: string;
  readonly text?: string;
  readonly fields: readonly FormField[];
  /** What is wrong, in a few words, or what would be run. */
  offer(filled: Filled): Offer | string;
  /** What is entered is kept under this name; of forms with one field. */
  readonly history?: string;
}

interface State {
  readonly form: Form;
  readonly fields: readonly Field[];
  readonly at: number;
  /** Place in the history, from its end; 0: what is being written, which is in `draft` meanwhile. */
  readonly back: number;
  readonly draft: string;
  readonly problem: string;
}

const filledOf = ({ form, fields }: State): Filled =>
  Object.fromEntries(form.fields.map(({ name }, place) => [name, fields[place]?.text ?? ""]));

const withField = (state: State, field: Field): State => ({
  ...state,
  fields: state.fields.map((other, place) => (place === state.at ? field : other)),
  problem: "",
});

function update(state: State, message: PartMessage, around: Surroundings): Change<State> {
  if (message.kind !== "key") return { state };
  const { name } = message.key;
  if (name === "escape" || name === "C-c") return { state, effects: [{ kind: "close" }] };
  if (name === "enter" || name === "f2") return submit(state, name === "f2");
  const isSwitch = state.form.fields[state.at]?.isSwitch ?? false;
  if (isSwitch && name === "space") return { state: withField(state, fieldOf(state.fields[state.at]?.text === "yes" ? "" : "yes")) };
  const moved = state.fields.length > 1 ? movedField(state, message.key) : movedBack(state, message.key, around);
  if (moved) return { state: moved };
  const field = isSwitch ? undefined : updateField(state.fields[state.at] ?? fieldOf(""), message.key);
  return { state: field ? withField(state, field) : state };
}

function submit(state: State, explains: boolean): Change<State> {
  const offer = state.form.offer(filledOf(state));
  if (typeof offer === "string") return { state: { ...state, problem: offer } };
  const { history } = state.form;
  const text = state.fields[0]?.text ?? "";
  const remember: readonly Effect[] = history === undefined || text === "" ? [] : [{ kind: "remember", field: history, text }];
  return { state, effects: explains ? explainEffects(offer) : [...remember, ...acceptEffects(offer)] };
}

function movedField(state: State, { name }: Key): State | undefined {
  const by = name === "tab" || name === "down" ? 1 : name === "S-tab" || name === "up" ? -1 : 0;
  return by === 0 ? undefined : { ...state, at: (state.at + by + state.fields.length) % state.fields.length };
}

/** Through what was entered before. */
function movedBack(state: State, { name }: Key, { entered }: Surroundings): State | undefined {
  const by = name === "up" || name === "C-p" ? 1 : name === "down" || name === "C-n" ? -1 : 0;
  if (by === 0) return undefined;
  const kept = entered[state.form.history ?? ""] ?? [];
  const back = Math.min(Math.max(state.back + by, 0), kept.length);
  const draft = state.back === 0 ? (state.fields[0]?.text ?? "") : state.draft;
  return { ...withField(state, fieldOf(back === 0 ? draft : (kept.at(-back) ?? ""))), back, draft };
}

function draw(state: State, { size, glyphs }: Surroundings): Drawn {
  const { form, fields } = state;
  // Fields, their hint and what would be run go before what it is about.
  const head: readonly Line[] = form.text === undefined || size.rows < form.fields.length + 3 ? [] : [line(form.text, "strong")];
  const width = Math.max(...form.fields.map(({ title }) => title.length), 0) + 1;
  let cursor: Drawn["cursor"];
  const rows = form.fields.map((field, place): Line => {
    const isHere = place === state.at;
    const value = fields[place] ?? fieldOf("");
    const sign = span(`${isHere ? glyphs.chosen : " "} `, "strong");
    const title = span(fitText(field.title, width, glyphs.cut), isHere ? "strong" : "plain");
    if (field.isSwitch) return [sign, title, span(value.text === "yes" ? "[x]" : "[ ]", isHere ? "chosen" : "plain")];
    const drawn = drawField(isHere ? value : { ...value, at: 0 }, size.columns - width - 3, glyphs.cut);
    if (isHere) cursor = { column: 2 + width + drawn.cursor, row: head.length + place };
    return [sign, title, ...drawn.spans];
  });
  const hint = form.fields[state.at]?.hint ?? "";
  const offer = form.offer(filledOf(state));
  const left = Math.max(size.rows - head.length - rows.length - 2, 1);
  const below: readonly Line[] =
    state.problem !== "" ? [line(state.problem, "bad")] : typeof offer === "string" ? [] : renderOffer(offer, size.columns, left);
  return { lines: [...head, ...rows, line(hint, "dim"), ...below], ...(cursor ? { cursor } : {}) };
}

const part = (form: Form): Part<State> => ({
  name: "form",
  title: form.title,
  initial: {
    form,
    fields: form.fields.map(({ value = "" }) => fieldOf(value)),
    at: 0,
    back: 0,
    draft: "",
    problem: "",
  },
  needs: () => [],
  update,
  draw,
  keys: ({ fields }) => [
    ...offerHints("do it"),
    ...(fields.length > 1
      ? [{ key: "Tab", does: "next field", isShown: true }]
      : [{ key: "Up Down", does: "entered before", isShown: true }]),
  ],
});

/** Asks for what the fields say; Enter runs what they make. */
export const formDialog = (form: Form): Dialog =>
  dialogOf(part(form), ({ columns, rows }) => ({
    columns: Math.min(columns, 76),
    rows: Math.min(rows, form.fields.length + (form.text === undefined ? 0 : 1) + 6),
  }));

export interface Prompt extends Omit<Form, "fields" | "offer"> {
  readonly field: FormField;
  offer(text: string): Offer | string;
}

/** A form of one field. */
export const promptDialog = ({ field, offer, ...form }: Prompt): Dialog =>
  formDialog({ ...form, fields: [field], offer: (filled) => offer(filled[field.name] ?? "") });
