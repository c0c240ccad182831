// The last row of the logs: what is being written, or where one is and what is left out. Pure.
import { displayWidth } from "../../../src/base/text.ts";
import { compilePattern } from "../../../src/container/log/pattern.ts";
import type { LogBoard } from "../../../src/engine/live/log-asks.ts";
import { drawField } from "../../dialog/field.ts";
import { clockTime } from "../../draw/amount.ts";
import { type Drawn, fitText, type Line, type Span, span, widthOf } from "../../draw/cell.ts";
import { renderCommand } from "../../model/action.ts";
import type { Surroundings } from "../../model/part.ts";
import { lastNumber, lastSeen, type Page, topOf } from "./page.ts";
import { type LogPrompt, type LogState, subjectsOf } from "./state.ts";

const titles: Readonly<Record<LogPrompt["kind"], string>> = {
  search: "/",
  filter: "only: ",
  exclude: "without: ",
  time: "go to: ",
  save: "save to: ",
};

const hints: Readonly<Record<LogPrompt["kind"], string>> = {
  search: "a regular expression; capital letters count",
  filter: "lines that match a regular expression; nothing: all",
  exclude: "lines that do not match; nothing: all",
  time: "13:05, 5m, 2026-11-20T10:00:00",
  save: "a file",
};

export interface Foot {
  readonly line: Line;
  readonly cursor?: number;
}

/** What stands behind the field: what is wrong with it, or what may be written. */
function noteOf({ kind, field, problem }: LogPrompt, around: Surroundings): Span {
  if (problem !== "") return span(`  ${problem}`, "bad");
  if (field.text === "") return span(`  ${hints[kind]}`, "dim");
  if (kind === "save") {
    const isThere = around.fed.file?.path === field.text && around.fed.file.isThere;
    if (isThere) return span("  it is there: Enter asks once more", "warning");
    const [only, ...more] = subjectsOf(around);
    return only && more.length === 0 ? span(`  all of it: ${renderCommand(["logs", only.reference])} > FILE`, "dim") : span("");
  }
  const problemOf = kind === "time" ? "" : compilePattern(field.text);
  return typeof problemOf === "string" ? span(`  ${problemOf}`, "warning") : span("");
}

function promptFoot(prompt: LogPrompt, around: Surroundings): Foot {
  const title = titles[prompt.kind];
  const note = noteOf(prompt, around);
  const room = Math.max(around.size.columns - title.length - 1, 1);
  const noteWidth = Math.min(widthOf([note]), Math.max(room - displayWidth(prompt.field.text) - 1, Math.floor(room / 2)));
  const { spans, cursor } = drawField(prompt.field, room - noteWidth, around.glyphs.cut);
  return {
    line: [span(title, "key"), ...spans, span(fitText(note.text, noteWidth, around.glyphs.cut), note.role)],
    cursor: title.length + cursor,
  };
}

function placeText(state: LogState, board: LogBoard, page: Page): Span {
  if (state.finding) return span(state.finding.isOlder ? "searching upwards" : "searching downwards", "accent");
  const below = lastNumber(board) - lastSeen(board, topOf(state, board, page), page);
  if (state.at === undefined) return board.isEnd || board.lines.length > 0 ? span("following", "good") : span("reading ...", "accent");
  const more = board.isEnd ? "" : "+";
  if (below <= 0 && more === "") return span("at the end, not following", "strong");
  return span(`${below.toLocaleString("en-US")}${more} ${below === 1 && more === "" ? "line" : "lines"} below (End follows)`, "strong");
}

/** The last row, and the column of the cursor where something is written. */
export function footOf(state: LogState, board: LogBoard | undefined, page: Page | undefined, around: Surroundings): Foot {
  if (state.prompt) return promptFoot(state.prompt, around);
  if (!board || !page) return { line: [span("reading ...", "dim")] };
  const { filter, pattern, finding, isWrapped, shift } = state;
  const parts: readonly Span[] = [
    placeText(state, board, page),
    ...(finding && board.searchedMs !== undefined ? [span(`at ${clockTime(board.searchedMs)}`, "dim")] : []),
    ...(filter ? [span(`${filter.isInverse ? "without" : "only"} ${filter.text}`, "warning")] : []),
    ...(pattern === "" ? [] : [span(`/${pattern}`, "accent")]),
    ...(isWrapped ? [] : [span(shift === 0 ? "not wrapped" : `from column ${shift + 1}`, "dim")]),
  ];
  return { line: parts.flatMap((part, at) => [...(at > 0 ? [span("  ")] : []), part]) };
}

export const withCursor = (lines: readonly Line[], { cursor }: Foot, isFocused: boolean): Drawn => ({
  lines,
  ...(cursor === undefined || !isFocused ? {} : { cursor: { column: cursor, row: lines.length - 1 } }),
});
