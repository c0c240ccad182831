// What keys and the mouse do to the logs. Pure.
import type { LogBoard } from "../../../src/engine/live/log-asks.ts";
import { movedByWheel } from "../../model/move.ts";
import type { Change, Chosen, Key, Mouse } from "../../model/part.ts";
import { detailDialog } from "./detail.ts";
import { chosenNumber, lastNumber, lastSeen, movedTo, type Page, scrolledBy, topOf } from "./page.ts";
import { findFrom, prompted } from "./prompt.ts";
import { heightOfLine } from "./row.ts";
import { begun, type LogPrompt, type LogState, patternOf, type TimeColumn } from "./state.ts";

const prompts: Readonly<Record<string, LogPrompt["kind"]>> = { "/": "search", f: "filter", F: "exclude", "@": "time", S: "save" };
const nextTime: Readonly<Record<TimeColumn, TimeColumn>> = { none: "relative", relative: "local", local: "none" };
const sideways = 8;

export const followed = (state: LogState, board: LogBoard | undefined): LogState =>
  board?.isEnd ? { ...state, at: undefined, finding: undefined } : begun(state, "end");

const atStart = (state: LogState, board: LogBoard, page: Page): LogState =>
  board.isStart ? movedTo(state, board, page, board.base, true) : begun(state, "start");

/** Undefined for keys that mean nothing here. */
export function updateByLogKey(
  state: LogState,
  { name }: Key,
  board: LogBoard | undefined,
  page: Page | undefined,
): Change<LogState> | undefined {
  const kind = prompts[name];
  if (kind) return { state: prompted(state, kind) };
  switch (name) {
    case "w":
      return { state: { ...state, isWrapped: !state.isWrapped, shift: 0 } };
    case "t":
      return { state: { ...state, time: nextTime[state.time] } };
    case "end":
    case "G":
      return { state: followed(state, board) };
    case "escape":
      return escaped(state);
    default:
      return board && page ? moved(state, name, board, page) : undefined;
  }
}

/** One thing after the other: a search that goes on, what is highlighted, the filter. */
function escaped(state: LogState): Change<LogState> | undefined {
  if (state.finding) return { state: begun(state, state.finding.ms), effects: [{ kind: "say", text: "the search was left" }] };
  if (state.pattern !== "") return { state: { ...state, pattern: "" } };
  return state.filter ? { state: begun({ ...state, filter: undefined }, "end") } : undefined;
}

function moved(state: LogState, name: string, board: LogBoard, page: Page): Change<LogState> | undefined {
  const at = chosenNumber(state, board);
  const pageLines = Math.max(lastSeen(board, topOf(state, board, page), page) - topOf(state, board, page), 1);
  switch (name) {
    case "up":
    case "k":
      return { state: movedTo(state, board, page, at - 1) };
    case "down":
    case "j":
      return { state: at >= lastNumber(board) && board.isEnd ? followed(state, board) : movedTo(state, board, page, at + 1) };
    case "pageup":
    case "C-b":
      return { state: byPage(state, board, page, -pageLines) };
    case "pagedown":
    case "C-f":
    case "space":
      return { state: byPage(state, board, page, pageLines) };
    case "home":
    case "g":
      return { state: atStart(state, board, page) };
    case "left":
    case "right":
      if (state.isWrapped) return undefined;
      return { state: { ...state, shift: Math.max(state.shift + (name === "left" ? -sideways : sideways), 0) } };
    case "n":
    case "N":
      return searched(state, board, name === "N");
    case "enter":
      return details(state, board, at);
    default:
      return undefined;
  }
}

function byPage(state: LogState, board: LogBoard, page: Page, by: number): LogState {
  const scrolled = scrolledBy(state, board, page, by);
  return scrolled.at === undefined ? scrolled : { ...scrolled, at: by < 0 ? scrolled.top : lastSeen(board, scrolled.top, page) };
}

/** The next match below, with `isOlder` the one before. */
function searched(state: LogState, board: LogBoard, isOlder: boolean): Change<LogState> {
  if (!patternOf(state)) return { state, effects: [{ kind: "say", text: "/ writes what is searched" }] };
  return { state: findFrom(state, board, chosenNumber(state, board), isOlder) };
}

function details(state: LogState, board: LogBoard, at: number): Change<LogState> {
  const line = board.lines[at - board.base];
  const id = line && state.of.split(" ")[line.source];
  if (!line || line.isNotice || !id) return { state };
  const subject: Chosen = { kind: "container", reference: board.names[line.source] ?? id, id };
  return { state, effects: [{ kind: "open", dialog: detailDialog(subject, line) }] };
}

export function updateByLogMouse(state: LogState, { action, row }: Mouse, board: LogBoard, page: Page): Change<LogState> {
  const by = movedByWheel(action);
  if (by !== undefined) return { state: scrolledBy(state, board, page, by) };
  const top = topOf(state, board, page);
  let left = row - board.problems.length;
  for (let number = top; number <= lastSeen(board, top, page) && left >= 0; number++) {
    const line = board.lines[number - board.base];
    left -= line ? heightOfLine(line, page.look) : 1;
    if (left >= 0) continue;
    const chosen = { ...state, at: number, top };
    return action === "double" ? details(chosen, board, number) : { state: chosen };
  }
  return { state };
}
