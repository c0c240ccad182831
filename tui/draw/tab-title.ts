// The titles of tabs in the upper edge of their frame: whole while there is room, then short, then the shown one alone. Pure.
import { type House, type State, tabOf, tabsOf } from "../model/state.ts";
import { cutText, widthOf } from "./cell.ts";

export interface TabTitle {
  readonly name: string;
  readonly text: string;
  readonly isShown: boolean;
}

/** Letters of a short one. */
const short = 4;
/** Columns that a note beside them, corners and lines take. */
const others = 24;

/** They stand from the fourth column on, a blank between two of them. */
export const firstTitle = 3;

/** `columns`: of the frame. */
export function tabTitles(house: House, state: State, columns: number): readonly TabTitle[] {
  const shown = tabOf(house, state)?.name;
  const named = (length: number) =>
    tabsOf(house, state).map(({ name, title }): TabTitle => {
      const isShown = name === shown;
      // The brackets say which one it is where there are no colours.
      return { name, isShown, text: isShown ? `[${title}]` : cutText(title, length) };
    });
  const fits = (titles: readonly TabTitle[]) => titles.reduce((sum, { text }) => sum + widthOf([{ text }]) + 1, 0) + others <= columns;
  const [whole, cut] = [named(columns), named(short)];
  return fits(whole) ? whole : fits(cut) ? cut : whole.filter(({ isShown }) => isShown);
}
