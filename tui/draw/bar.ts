// The first and the last line of the screen: the views, and what keys do or what has just happened. Pure.
import { listedCommands } from "../model/command-list.ts";
import type { KeyHint } from "../model/part.ts";
import type { House, State } from "../model/state.ts";
import { type Line, type Span, span, widthOf } from "./cell.ts";

/** Names of views with their numbers, and the columns each of them takes. */
export function viewNames(
  house: House,
  state: State,
): readonly { readonly name: string; readonly spans: Line; readonly from: number; readonly to: number }[] {
  let from = 0;
  const short = house.views.reduce((sum, { title }) => sum + title.length + 4, 0) > state.size.columns;
  return house.views.map(({ name, title }, place) => {
    const isHere = name === state.view;
    const shown = short && !isHere ? title.slice(0, 4) : title;
    // The brackets say where one is where there are no colours.
    const text = isHere ? `[${place + 1} ${shown}]` : ` ${place + 1} ${shown} `;
    const spans: Line = [span(text, isHere ? "chosen" : "title")];
    const at = { name, spans, from, to: from + text.length };
    from = at.to;
    return at;
  });
}

/** The line on top. */
export function renderBar(house: House, state: State): Line {
  const names = viewNames(house, state).flatMap(({ spans }) => spans);
  const running = listedCommands(state.commands).filter(({ code }) => code === undefined).length;
  const note = running === 0 ? "" : running === 1 ? "1 command runs " : `${running} commands run `;
  const room = state.size.columns - widthOf(names) - note.length;
  return room < 0 ? names : [...names, span(" ".repeat(room), "title"), span(note, "title")];
}

/** The line at the bottom. */
export function renderFooter(state: State, hints: readonly KeyHint[]): Line {
  if (state.said) return [span(" ", state.said.role), span(state.said.text, state.said.role)];
  const spans: Span[] = [];
  let room = state.size.columns;
  for (const { key, does } of hints.filter(({ isShown }) => isShown)) {
    const more = [span(` ${key}`, "key"), span(` ${does} `, "plain")];
    room -= widthOf(more);
    if (room < 0) break;
    spans.push(...more);
  }
  return spans;
}
