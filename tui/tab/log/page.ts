// Which lines of the logs are on the screen, and what moves them: by line, by page, to a line. Pure.
import type { LogBoard } from "../../../src/engine/live/log-asks.ts";
import type { Surroundings } from "../../model/part.ts";
import { heightOfLine, type RowLook } from "./row.ts";
import { type LogState, patternOf } from "./state.ts";

export interface Page {
  readonly look: RowLook;
  /** Rows for lines: the last one of the tab says where one is. */
  readonly rows: number;
}

export function pageOf(state: LogState, board: LogBoard, around: Surroundings): Page {
  const rows = Math.max(around.size.rows - 1 - board.problems.length, 1);
  const look: RowLook = {
    columns: around.size.columns,
    mostRows: Math.max(Math.min(rows - 1, 12), 1),
    isWrapped: state.isWrapped,
    shift: state.isWrapped ? 0 : state.shift,
    time: state.time,
    names: board.names.length > 1 ? board.names : [],
    pattern: patternOf(state),
    nowMs: around.nowMs,
    glyphs: around.glyphs,
  };
  return { look, rows };
}

const heightAt = ({ lines, base }: LogBoard, number: number, { look }: Page): number => {
  const line = lines[number - base];
  return line ? heightOfLine(line, look) : 0;
};

const bounded = (value: number, low: number, high: number): number => Math.max(Math.min(value, high), low);

export const lastNumber = ({ base, lines }: LogBoard): number => base + lines.length - 1;

/** First of the lines that fill the rows up to this one, all of them whole; at least this one. */
export function topAbove(board: LogBoard, number: number, page: Page): number {
  let top = number;
  let left = page.rows - heightAt(board, number, page);
  while (top > board.base) {
    left -= heightAt(board, top - 1, page);
    if (left < 0) break;
    top--;
  }
  return top;
}

/** Last of the lines that begin on the screen from `top` on. */
export function lastSeen(board: LogBoard, top: number, page: Page): number {
  let number = top;
  let left = page.rows - heightAt(board, top, page);
  while (number < lastNumber(board)) {
    left -= heightAt(board, number + 1, page);
    if (left < 0) break;
    number++;
  }
  return number;
}

/** The first line that is seen. */
export function topOf(state: LogState, board: LogBoard, page: Page): number {
  const end = topAbove(board, lastNumber(board), page);
  return state.at === undefined ? end : bounded(state.top, board.base, end);
}

/** The chosen line. */
export const chosenNumber = (state: LogState, board: LogBoard): number =>
  bounded(state.at ?? lastNumber(board), board.base, Math.max(lastNumber(board), board.base));

/** Goes to a line, which is seen then; `isFirst`: at the top. */
export function movedTo(state: LogState, board: LogBoard, page: Page, number: number, isFirst = false): LogState {
  const at = bounded(number, board.base, lastNumber(board));
  const top = topOf(state, board, page);
  const seen = isFirst ? at : at < top ? at : Math.max(top, topAbove(board, at, page));
  return { ...state, at, top: seen };
}

/** Moves what is seen by lines; the chosen line stays where it is as long as it is seen. */
export function scrolledBy(state: LogState, board: LogBoard, page: Page, by: number): LogState {
  const end = topAbove(board, lastNumber(board), page);
  const top = bounded(topOf(state, board, page) + by, board.base, end);
  if (by > 0 && top === end && board.isEnd) return { ...state, at: undefined };
  return { ...state, top, at: bounded(chosenNumber(state, board), top, lastSeen(board, top, page)) };
}
