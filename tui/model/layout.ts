// Where the parts of the screen lie at a size. Pure.
import type { Area, Size } from "../draw/cell.ts";
import { type House, type State, tabOf } from "./state.ts";

export interface Layout {
  /** Names of the views. */
  readonly bar: Area;
  readonly view?: Area;
  readonly tab?: Area;
  readonly footer: Area;
}

/**
 * Whether the tab stands beside its view instead of below: a list needs its columns more than its rows, unless there is room for both, or
 * no height.
 */
const isWide = ({ columns, rows }: Size): boolean => columns >= 200 || (columns >= 150 && rows < 36);

/** The least a part can be used in. */
const least = { columns: 30, rows: 5 } as const;

/** Smaller ones are told to grow. */
export const leastScreen: Size = { columns: 40, rows: 10 };

export const isTooSmall = ({ columns, rows }: Size): boolean => columns < leastScreen.columns || rows < leastScreen.rows;

const bounded = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), Math.max(high, low));

export function layoutOf(house: House, state: State): Layout {
  const { columns, rows } = state.size;
  const bar = { left: 0, top: 0, columns, rows: 1 };
  const footer = { left: 0, top: rows - 1, columns, rows: 1 };
  const whole = { left: 0, top: 1, columns, rows: Math.max(rows - 2, 0) };
  if (!tabOf(house, state)) return { bar, view: whole, footer };
  const isBeside = isWide(state.size);
  const isNarrow = !isBeside && whole.rows < 2 * least.rows;
  if (state.isZoomed || isNarrow) return state.focus === "view" ? { bar, view: whole, footer } : { bar, tab: whole, footer };
  if (isBeside) {
    const left = bounded(Math.round(columns * state.share), least.columns, columns - least.columns);
    return { bar, view: { ...whole, columns: left }, tab: { ...whole, left, columns: columns - left }, footer };
  }
  const upper = bounded(Math.round(whole.rows * state.share), least.rows, whole.rows - least.rows);
  return { bar, view: { ...whole, rows: upper }, tab: { ...whole, top: 1 + upper, rows: whole.rows - upper }, footer };
}
