// What is written at the foot of the logs, and what becomes of it: a search, a filter, a moment, a file. Pure.
import { TsnsError } from "../../../src/base/error.ts";
import { parseMoment } from "../../../src/base/time.ts";
import { compilePattern } from "../../../src/container/log/pattern.ts";
import type { LogBoard } from "../../../src/engine/live/log-asks.ts";
import { fieldOf, updateField } from "../../dialog/field.ts";
import type { Effect } from "../../model/effect.ts";
import type { Change, Key, Surroundings } from "../../model/part.ts";
import { chosenNumber, type Page, topOf } from "./page.ts";
import { localTime, readLine } from "./row.ts";
import { begun, boardOf, type LogPrompt, type LogState } from "./state.ts";

export function prompted(state: LogState, kind: LogPrompt["kind"]): LogState {
  const { filter } = state;
  const isSame = filter?.isInverse === (kind === "exclude");
  const text = (kind === "filter" || kind === "exclude") && isSame ? (filter?.text ?? "") : "";
  return { ...state, prompt: { kind, field: fieldOf(text), problem: "", back: 0 } };
}

/** Patterns have one history. */
const historyOf = ({ kind }: LogPrompt): string => (kind === "time" ? "log time" : kind === "save" ? "log file" : "log pattern");

export function updatePrompt(state: LogState, prompt: LogPrompt, key: Key, page: Page | undefined, around: Surroundings): Change<LogState> {
  const { name } = key;
  if (name === "escape" || name === "C-c") return { state: { ...state, prompt: undefined } };
  if (name === "enter") return accepted(state, prompt, page, around);
  const by = name === "up" || name === "C-p" ? 1 : name === "down" || name === "C-n" ? -1 : 0;
  if (by !== 0) {
    const kept = around.entered[historyOf(prompt)] ?? [];
    const back = Math.min(Math.max(prompt.back + by, 0), kept.length);
    const field = fieldOf(back === 0 ? "" : (kept.at(-back) ?? ""));
    return { state: { ...state, prompt: { ...prompt, field, back, problem: "" } } };
  }
  const field = updateField(prompt.field, key);
  return { state: field ? { ...state, prompt: { ...prompt, field, problem: "" } } : state };
}

function accepted(state: LogState, prompt: LogPrompt, page: Page | undefined, around: Surroundings): Change<LogState> {
  const { text } = prompt.field;
  const remember: readonly Effect[] = text === "" ? [] : [{ kind: "remember", field: historyOf(prompt), text }];
  const refused = (problem: string): Change<LogState> => ({ state: { ...state, prompt: { ...prompt, problem } } });
  const done = (changed: LogState, effects: readonly Effect[] = []): Change<LogState> => ({
    state: { ...changed, prompt: undefined },
    effects: [...remember, ...effects],
  });
  if (prompt.kind === "save") return save(state, prompt, around, refused, done);
  if (prompt.kind === "time") {
    if (text === "") return done(state);
    const moment = momentOf(text, around.nowMs);
    return typeof moment === "string" ? refused(moment) : done(begun(state, moment));
  }
  const pattern = text === "" ? undefined : compilePattern(text);
  if (typeof pattern === "string") return refused(pattern);
  if (prompt.kind === "search") {
    const board = boardOf(state, around);
    const searching = { ...state, pattern: text };
    // The chosen line counts, then what is above it: at the end of a log what matters has been.
    return done(pattern && board ? findFrom(searching, board, chosenNumber(state, board) + 1, true) : searching);
  }
  const filter = text === "" ? undefined : { text, isInverse: prompt.kind === "exclude" };
  return done(begun({ ...state, filter }, momentOfTop(state, page, around)));
}

/** Where one looks, as a moment: other lines begin there. */
function momentOfTop(state: LogState, page: Page | undefined, around: Surroundings): number | "end" {
  const board = boardOf(state, around);
  if (state.at === undefined || !board || !page) return "end";
  return board.lines[topOf(state, board, page) - board.base]?.ms ?? "end";
}

/** "13:05" is the last one there was; the rest is what --since takes. */
export function momentOf(text: string, nowMs: number): number | string {
  const [, hours, minutes, seconds = "0"] = /^(\d\d?):(\d\d)(?::(\d\d))?$/.exec(text.trim()) ?? [];
  if (hours !== undefined) {
    if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return "no such time of day";
    const date = new Date(nowMs);
    date.setHours(Number(hours), Number(minutes), Number(seconds), 0);
    if (date.getTime() > nowMs) date.setDate(date.getDate() - 1);
    return date.getTime();
  }
  try {
    return parseMoment(text.trim(), nowMs);
  } catch (error) {
    return error instanceof TsnsError ? (error.hint ?? error.message) : `${error}`;
  }
}

/** The nearest match beyond a line: whoever reads the logs looks for it, in slices, however much there is. */
export const findFrom = (state: LogState, board: LogBoard, beyond: number, isOlder: boolean): LogState => ({
  ...state,
  finding: {
    epoch: (state.finding?.epoch ?? board.found?.epoch ?? 0) + 1,
    text: state.pattern,
    isOlder,
    beyond,
    ms: state.at === undefined ? "end" : (board.lines[chosenNumber(state, board) - board.base]?.ms ?? "end"),
  },
});

function save(
  state: LogState,
  prompt: LogPrompt,
  around: Surroundings,
  refused: (problem: string) => Change<LogState>,
  done: (changed: LogState, effects: readonly Effect[]) => Change<LogState>,
): Change<LogState> {
  const path = prompt.field.text;
  const board = boardOf(state, around);
  if (path === "" || !board) return { state: { ...state, prompt: undefined } };
  const isThere = around.fed.file?.path === path && around.fed.file.isThere;
  if (isThere && !prompt.problem.startsWith(overwriting)) return refused(`${overwriting}: Enter once more`);
  const several = board.names.length > 1;
  const text = board.lines
    .map((line) => `${savedLine(line, several ? (board.names[line.source] ?? "?") : "", state.time !== "none")}\n`)
    .join("");
  const lines = board.lines.length.toLocaleString("en-US");
  return done(state, [
    { kind: "save", path, text, overwrites: isThere },
    { kind: "say", text: `${lines} lines written to ${path}`, role: "good" },
  ]);
}

const overwriting = "this overwrites it";

/** As it is shown: nothing in the file acts on a terminal either. */
function savedLine(line: LogBoard["lines"][number], name: string, hasTime: boolean): string {
  const { text } = readLine(line).styled;
  return `${hasTime ? `${localTime(line.ms)} ` : ""}${name === "" ? "" : `${name} | `}${line.isNotice ? `--- ${text} ---` : text}`;
}
