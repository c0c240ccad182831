// The menu of what can be done to the chosen rows; what means nothing for them stands there too, with the reason. Pure.
import { type Drawn, fillRows, fitText, type Line, line, span } from "../draw/cell.ts";
import { scrollTo } from "../draw/table.ts";
import { type Action, hasKey } from "../model/action.ts";
import type { Effect } from "../model/effect.ts";
import { passesFilter } from "../model/list.ts";
import { movedByWheel } from "../model/move.ts";
import { type Change, type Chosen, type Dialog, dialogOf, type Part, type PartMessage, type Surroundings } from "../model/part.ts";
import { drawField, type Field, fieldOf, updateField } from "./field.ts";
import { keyName } from "./help.ts";
import { explainKeys } from "./offer.ts";

interface State {
  readonly actions: readonly Action[];
  readonly rows: readonly Chosen[];
  readonly at: number;
  readonly top: number;
  readonly filter: Field;
  readonly isFiltering: boolean;
}

const found = ({ actions, filter }: State): readonly Action[] =>
  actions.filter(({ name, does }) => passesFilter(filter.text, `${name} ${does}`));

/** The rows as they are by now: a container may have ended meanwhile. */
function rowsNow({ rows }: State, { fed }: Surroundings): readonly Chosen[] {
  const now = new Map((fed.containers?.containers ?? []).map((container) => [container.record.id, container]));
  return rows.map((row) => {
    const container = row.kind === "container" ? now.get(row.id) : undefined;
    return container ? { ...row, container } : row;
  });
}

function performEffects(state: State, action: Action | undefined, around: Surroundings): readonly Effect[] {
  if (!action) return [];
  const rows = rowsNow(state, around);
  const refusal = action.refusal(rows);
  if (refusal !== undefined) return [{ kind: "say", text: `${action.does}: ${refusal}` }];
  return [{ kind: "close" }, ...action.perform(rows, around)];
}

/** What its commands would do; what asks first explains itself there. */
function explainedEffects(state: State, action: Action | undefined, around: Surroundings): readonly Effect[] {
  const effects = performEffects(state, action, around);
  const commands = effects.flatMap((effect) => (effect.kind === "command" && effect.place !== "aside" ? [effect.words] : []));
  if (commands.length > 0) return [{ kind: "explain", commands, form: "plan" }];
  const opens = effects.some(({ kind }) => kind === "open");
  return opens ? [...effects, { kind: "say", text: "F2 here shows what it would do" }] : effects;
}

const heightOf = ({ size }: Surroundings): number => Math.max(size.rows - 1, 1);

function update(state: State, message: PartMessage, around: Surroundings): Change<State> {
  const actions = found(state);
  const height = heightOf(around);
  const moved = (place: number): State => {
    const at = Math.min(Math.max(place, 0), Math.max(actions.length - 1, 0));
    return { ...state, at, top: scrollTo(state.top, at, height, actions.length) };
  };
  if (message.kind === "mouse") {
    const { action, row } = message.mouse;
    const by = movedByWheel(action);
    if (by !== undefined) return { state: moved(state.at + by) };
    const place = state.top + row;
    if (place >= actions.length) return { state };
    return { state: moved(place), ...(place === state.at ? { effects: performEffects(state, actions[place], around) } : {}) };
  }
  if (message.kind !== "key") return { state };
  const { name } = message.key;
  if (state.isFiltering && !besideWriting.has(name)) return { state: write(state, message.key) };
  const steps: Readonly<Record<string, number>> = { up: -1, k: -1, down: 1, j: 1, pageup: -height, pagedown: height };
  const by = steps[name];
  if (by !== undefined) return { state: moved(state.at + by) };
  if (name === "enter") return { state, effects: performEffects(state, actions[state.at], around) };
  if (explainKeys.has(name)) return { state, effects: explainedEffects(state, actions[state.at], around) };
  if (name === "/") return { state: { ...state, isFiltering: true } };
  if (["escape", "q", "x", "C-c"].includes(name)) return { state, effects: [{ kind: "close" }] };
  const rows = rowsNow(state, around);
  const keyed = state.actions.filter((action) => hasKey(action, name));
  const action = keyed.find((candidate) => candidate.refusal(rows) === undefined) ?? keyed[0];
  return { state, effects: performEffects(state, action, around) };
}

/** Keys that write nothing, and so mean the same while the search is written. */
const besideWriting: ReadonlySet<string> = new Set(["enter", "f2", "up", "down", "pageup", "pagedown"]);

function write(state: State, key: { readonly name: string; readonly text: string }): State {
  if (key.name === "escape") return { ...state, isFiltering: false, filter: fieldOf(""), at: 0, top: 0 };
  const filter = updateField(state.filter, key);
  return filter ? { ...state, filter, at: 0, top: 0 } : state;
}

function draw(state: State, around: Surroundings): Drawn {
  const { size, glyphs } = around;
  const rows = rowsNow(state, around);
  const actions = found(state);
  const width = Math.max(...actions.map(({ does }) => does.length), 0) + 2;
  const seen = actions.slice(state.top, state.top + heightOf(around)).map((action, place): Line => {
    const isChosen = state.top + place === state.at;
    const refusal = action.refusal(rows);
    const role = isChosen ? "chosen" : refusal === undefined ? undefined : "dim";
    return [
      span(`${isChosen ? glyphs.chosen : " "} `, role),
      span(fitText(keyName(action.key), 4, glyphs.cut), refusal === undefined ? "accent" : "dim"),
      span(fitText(action.does, width, glyphs.cut), role),
      span(refusal === undefined ? "" : `(${refusal})`, "dim"),
    ];
  });
  const field = drawField(state.filter, size.columns - 2, glyphs.cut);
  const foot: Line =
    state.isFiltering || state.filter.text !== ""
      ? [span("/ ", "key"), ...field.spans]
      : [span("Enter", "key"), span(" do it   "), span("F2", "key"), span(" explain   "), span("/", "key"), span(" find")];
  return {
    lines: [...fillRows(seen.length > 0 ? seen : [line("nothing is called so", "dim")], heightOf(around)), foot],
    ...(state.isFiltering ? { cursor: { column: 2 + field.cursor, row: size.rows - 1 } } : {}),
  };
}

const part = (title: string): Part<State> => ({
  name: "menu",
  title,
  initial: { actions: [], rows: [], at: 0, top: 0, filter: fieldOf(""), isFiltering: false },
  needs: () => [],
  update,
  draw,
  keys: () => [
    { key: "Enter", does: "do it", isShown: true },
    { key: "F2", does: "explain", isShown: true },
    { key: "/", does: "find", isShown: true },
    { key: "Esc", does: "away", isShown: true },
  ],
});

/** `title`: the rows it is about. */
export function menuDialog(title: string, actions: readonly Action[], rows: readonly Chosen[]): Dialog {
  const menu = part(title);
  return dialogOf(menu, ({ columns, rows: most }) => ({ columns: Math.min(columns, 70), rows: Math.min(most, actions.length + 3) }), {
    ...menu.initial,
    actions,
    rows,
  });
}
