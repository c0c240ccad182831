// A view as plain text: its name, and all of it, without frames, marks and bars. Pure.
import { type House, type State, surroundingsOf, viewOf } from "../model/state.ts";
import { type Line, textOf } from "./cell.ts";

/** Lines that a view may have; it draws no more of them than there are rows. */
const mostRows = 100_000;
/** What does not fit into that is cut after all. */
const mostColumns = 10_000;

/** The size in which nothing has to be left out for want of lines. */
export const snapshotSize = (columns: number): State["size"] => ({ columns, rows: mostRows });

/** What is on the view; drawn wider for as long as something would be cut. */
function linesOf(house: House, state: State, columns: number): readonly Line[] {
  const view = viewOf(house, state);
  const { lines } = view.draw(state.parts[view.name], surroundingsOf(house, state, snapshotSize(columns), false));
  const { cut } = state.glyphs;
  const isCut = lines.some((spans) => spans.some(({ text }) => text.includes(cut)));
  return isCut && columns < mostColumns ? linesOf(house, state, columns * 2) : lines;
}

export function renderSnapshot(house: House, state: State, columns: number): string {
  const lines = linesOf(house, state, columns).map((spans) => textOf(spans).trimEnd());
  // Room that a picture would have is nothing here.
  const said = lines.filter((text, place) => text !== "" || (place > 0 && lines[place - 1] !== ""));
  return `${[viewOf(house, state).title, ...said].join("\n").trimEnd()}\n`;
}
