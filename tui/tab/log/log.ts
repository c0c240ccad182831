// The tab with what containers write: followed, scrolled, searched, filtered, several in order of time. Pure.
import { type Drawn, type Line, line, span } from "../../draw/cell.ts";
import type { Need } from "../../model/need.ts";
import type { Change, KeyHint, Part, PartMessage, Surroundings } from "../../model/part.ts";
import { footOf, withCursor } from "./foot.ts";
import { updateByLogKey, updateByLogMouse } from "./key.ts";
import { chosenNumber, lastNumber, movedTo, type Page, pageOf, topOf } from "./page.ts";
import { updatePrompt } from "./prompt.ts";
import { rowsOfLine } from "./row.ts";
import { asksOf, begun, boardOf, initialLogState, type LogState, restoreLog, saveLog, settledLog, subjectsOf } from "./state.ts";

function needs(state: LogState, around: Surroundings): readonly Need[] {
  const settled = settledLog(state, around);
  if (settled.of === "") return [];
  const { prompt } = settled;
  return [{ kind: "logs", ...asksOf(settled) }, ...(prompt?.kind === "save" ? [{ kind: "file", path: prompt.field.text } as const] : [])];
}

function update(before: LogState, message: PartMessage, around: Surroundings): Change<LogState> {
  const state = settledLog(before, around);
  const board = boardOf(state, around);
  const page = board && pageOf(state, board, around);
  if (message.kind === "key") {
    if (state.prompt) return updatePrompt(state, state.prompt, message.key, page, around);
    return updateByLogKey(state, message.key, board, page) ?? { state, isUnused: true };
  }
  if (!board || !page) return { state };
  if (message.kind === "mouse") return updateByLogMouse(state, message.mouse, board, page);
  return message.kind === "fed" && message.fed.feed === "logs" ? afterFed(state, board, page) : { state };
}

/** A search further away may have come to its end. */
function afterFed(state: LogState, board: NonNullable<ReturnType<typeof boardOf>>, page: Page): Change<LogState> {
  const { finding } = state;
  if (!finding || board.found?.epoch !== finding.epoch) return { state };
  const { number } = board.found;
  if (number !== undefined) return { state: { ...movedTo(state, board, page, number), finding: undefined } };
  const text = `no match ${finding.isOlder ? "above" : "below"}: ${finding.text}`;
  // The lines one looked at may have made room for others.
  const isThere = state.at === undefined ? board.isEnd : state.at >= board.base && state.at <= lastNumber(board);
  return { state: isThere ? { ...state, finding: undefined } : begun(state, finding.ms), effects: [{ kind: "say", text, role: "bad" }] };
}

function draw(before: LogState, around: Surroundings): Drawn {
  const state = settledLog(before, around);
  const board = boardOf(state, around);
  const page = board && pageOf(state, board, around);
  const foot = footOf(state, board, page, around);
  const problems = (board?.problems ?? []).map((text) => line(text, "bad"));
  const height = Math.max(around.size.rows - 1, 0);
  const rows = board && page ? rowsOn(state, board, page) : [];
  const isEmpty = board !== undefined && board.lines.length === 0 && board.isEnd && problems.length < board.names.length;
  const nothing = isEmpty ? [line(state.filter ? "no line passes the filter" : "it has written nothing", "dim")] : [];
  const above = [...problems, ...(rows.length > 0 ? rows : nothing)].slice(0, height);
  const blank = Array.from({ length: height - above.length }, (): Line => []);
  return withCursor([...above, ...blank, foot.line], foot, around.isFocused);
}

function rowsOn(state: LogState, board: NonNullable<ReturnType<typeof boardOf>>, page: Page): readonly Line[] {
  const rows: Line[] = [];
  const chosen = chosenNumber(state, board);
  for (let number = topOf(state, board, page); number <= lastNumber(board) && rows.length < page.rows; number++) {
    const held = board.lines[number - board.base];
    if (held) rows.push(...rowsOfLine(held, number === chosen && state.at !== undefined, page.look));
  }
  return rows.slice(0, page.rows);
}

const keys: readonly KeyHint[] = [
  { key: "/", does: "search", isShown: true },
  { key: "n N", does: "next, previous match" },
  { key: "f", does: "only lines that match", isShown: true },
  { key: "F", does: "without lines that match" },
  { key: "t", does: "times", isShown: true },
  { key: "@", does: "go to a time", isShown: true },
  { key: "w", does: "wrap" },
  { key: "Left Right", does: "sideways, where lines are not wrapped" },
  { key: "Enter", does: "all of a line", isShown: true },
  { key: "End G", does: "follow", isShown: true },
  { key: "Home g", does: "to the first line" },
  { key: "PgUp PgDn", does: "by page" },
  { key: "S", does: "save what is held to a file" },
  { key: "Esc", does: "end the search, the filter" },
];

const promptKeys: readonly KeyHint[] = [
  { key: "Enter", does: "take it", isShown: true },
  { key: "Esc", does: "leave it", isShown: true },
  { key: "Up Down", does: "entered before", isShown: true },
];

export const logTab: Part<LogState> = {
  name: "logs",
  title: "Logs",
  initial: initialLogState,
  isOfSeveral: true,
  needs,
  update,
  draw,
  keys: ({ prompt }) => (prompt ? promptKeys : keys),
  note(before, around) {
    const state = settledLog(before, around);
    const names = boardOf(state, around)?.names ?? subjectsOf(around).map(({ reference }) => reference);
    return [span(names.length === 1 ? (names[0] ?? "") : `${names.length} containers`, "accent")];
  },
  keep: { save: saveLog, restore: restoreLog },
};
