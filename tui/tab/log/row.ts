// A line of a log as rows of the screen: signs before it, time, name, its text with its own colours and what was found in it. Pure.
import { displayWidth } from "../../../src/base/text.ts";
import { type LogLevel, levelOf } from "../../../src/container/log/level.ts";
import { type LogPattern, type Match, matchesOf } from "../../../src/container/log/pattern.ts";
import { parseStyled, type StyledText } from "../../../src/container/log/styled.ts";
import type { LogLine } from "../../../src/engine/container/log/held.ts";
import { shortBytes, shortTime } from "../../draw/amount.ts";
import { cutText, fitText, type Line, type Role, type Span, span } from "../../draw/cell.ts";
import type { Glyphs } from "../../draw/glyph.ts";
import type { TimeColumn } from "./state.ts";

/** How lines are shown, of one drawing. */
export interface RowLook {
  readonly columns: number;
  /** Rows that one line takes at most. */
  readonly mostRows: number;
  readonly isWrapped: boolean;
  readonly shift: number;
  readonly time: TimeColumn;
  /** Of several containers; of one its name is in the frame. */
  readonly names: readonly string[];
  readonly pattern: LogPattern | undefined;
  readonly nowMs: number;
  readonly glyphs: Glyphs;
}

interface Read {
  readonly styled: StyledText;
  readonly level: LogLevel | undefined;
}

const read = new WeakMap<LogLine, Read>();

/** Text and level of a line, worked out once. */
export function readLine(line: LogLine): Read {
  const before = read.get(line);
  if (before) return before;
  const styled = parseStyled(line.text);
  const made = { styled, level: line.isNotice ? undefined : levelOf(styled.text) };
  read.set(line, made);
  return made;
}

const levelSigns: Readonly<Record<LogLevel, string>> = { error: "E", warn: "W", info: "I", debug: "D", trace: "T" };
const levelRoles: Readonly<Record<LogLevel, Role>> = { error: "bad", warn: "warning", info: "plain", debug: "dim", trace: "dim" };
const nameRoles: readonly Role[] = ["series1", "series3", "series4", "accent", "warning", "series2"];
const longestName = 16;

const two = (value: number): string => `${value}`.padStart(2, "0");

/** "11-20 14:03:59.123", where the person is. */
export function localTime(ms: number): string {
  const date = new Date(ms);
  const day = `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return `${day} ${clock}.${`${date.getMilliseconds()}`.padStart(3, "0")}`;
}

function timeOf(ms: number, time: TimeColumn, nowMs: number): string {
  if (time === "none") return "";
  return time === "local" ? `${localTime(ms)} ` : `${shortTime(nowMs - ms).padStart(4)} `;
}

const nameWidth = ({ names }: RowLook): number =>
  names.length < 2 ? 0 : Math.min(Math.max(...names.map((name) => displayWidth(name))), longestName);

/** Chosen, found, from stderr, level. */
const signColumns = 5;

const timeColumns: Readonly<Record<TimeColumn, number>> = { none: 0, relative: 5, local: 19 };

/** Columns before the text. */
export function headColumns(look: RowLook): number {
  const width = nameWidth(look);
  return signColumns + timeColumns[look.time] + (width > 0 ? width + 3 : 0);
}

function headOf(line: LogLine, isChosen: boolean, hasMatch: boolean, look: RowLook): Line {
  const { level } = readLine(line);
  const { glyphs, names, time, nowMs } = look;
  const width = nameWidth(look);
  const name: Line =
    width === 0
      ? []
      : [
          span(fitText(names[line.source] ?? "?", width, glyphs.cut), nameRoles[line.source % nameRoles.length]),
          span(` ${glyphs.vertical} `, "border"),
        ];
  return [
    span(isChosen ? glyphs.chosen : " ", "strong"),
    span(hasMatch ? "=" : " ", "match"),
    span(line.stream === 1 ? "!" : " ", "warning"),
    span(level ? levelSigns[level] : " ", level ? levelRoles[level] : undefined),
    span(" "),
    span(timeOf(line.ms, time, nowMs), "dim"),
    ...name,
  ];
}

const found = new WeakMap<LogLine, { readonly pattern: LogPattern; readonly matches: readonly Match[] }>();

/** Looked for once in each line. */
function matchesIn(line: LogLine, text: string, pattern: LogPattern | undefined): readonly Match[] {
  if (!pattern || line.isNotice) return [];
  const before = found.get(line);
  if (before?.pattern === pattern) return before.matches;
  const matches = matchesOf(pattern, text);
  found.set(line, { pattern, matches });
  return matches;
}

/** The rows of a line. */
export function rowsOfLine(line: LogLine, isChosen: boolean, look: RowLook): readonly Line[] {
  const { styled, level } = readLine(line);
  const matches = matchesIn(line, styled.text, look.pattern);
  const head = headOf(line, isChosen, matches.length > 0, look);
  if (line.isNotice) return [[...head, span(cutText(`--- ${styled.text} ---`, look.columns - headColumns(look)), "accent")]];
  const role = level ? levelRoles[level] : undefined;
  const rows = partsOf(line, look).map(([from, to]) => spansOf(styled, matches, from, to, role));
  const indent = span(" ".repeat(headColumns(look)));
  const last = rows.length - 1;
  const sign = endSign(line, look);
  return rows.map((row, at) => [...(at === 0 ? head : [indent]), ...row, ...(at === last && sign !== "" ? [span(sign, "accent")] : [])]);
}

/** How many rows it takes. */
export const heightOfLine = (line: LogLine, look: RowLook): number => (line.isNotice ? 1 : partsOf(line, look).length);

/** Says that there is more of it than is shown. */
function endSign(line: LogLine, look: RowLook): string {
  const { text } = readLine(line).styled;
  const end = partsOf(line, look).at(-1)?.[1] ?? 0;
  if (end >= text.length && !line.isCut) return "";
  return look.isWrapped ? `${look.glyphs.cut} (${shortBytes(line.bytes)}, Enter)` : look.glyphs.cut;
}

type Part = readonly [from: number, to: number];

/** Which parts of its text stand in which row. */
function partsOf(line: LogLine, look: RowLook): readonly Part[] {
  const { text } = readLine(line).styled;
  const room = Math.max(look.columns - headColumns(look), 1);
  if (!look.isWrapped) {
    const from = look.shift === 0 ? 0 : startOf(text, look.shift).length;
    const shown = startOf(text.slice(from), room);
    const isAll = from + shown.length >= text.length && !line.isCut;
    return [[from, from + (isAll ? shown : startOf(shown, room - 1)).length]];
  }
  const parts: Part[] = [];
  let from = 0;
  do {
    const shown = startOf(text.slice(from, from + room * 4 + 8), room);
    const isLast = parts.length === look.mostRows - 1 || from + shown.length >= text.length;
    const isCut = isLast && (from + shown.length < text.length || (line.isCut ?? false));
    const to = from + (isCut ? startOf(shown, Math.max(room - 16, 1)) : shown).length;
    parts.push([from, Math.max(to, from + (text.length > from ? 1 : 0))]);
    from = isCut ? text.length : (parts.at(-1)?.[1] ?? text.length);
  } while (from < text.length && parts.length < look.mostRows);
  return parts;
}

/** The start of a text that is visible already, in so many columns. */
const startOf = (text: string, columns: number): string => cutText(text, columns);

/** A part of the text, in pieces of one look each. */
function spansOf({ text, pieces }: StyledText, matches: readonly Match[], from: number, to: number, role: Role | undefined): Line {
  const edges = new Set([from, to]);
  for (const { from: at } of pieces) if (at > from && at < to) edges.add(at);
  for (const match of matches) for (const at of match) if (at > from && at < to) edges.add(at);
  const places = [...edges].sort((one, other) => one - other);
  const spans: Span[] = [];
  for (const [at, start] of places.slice(0, -1).entries()) {
    const piece = text.slice(start, places[at + 1]);
    const style = pieces.findLast((other) => other.from <= start)?.style;
    if (matches.some(([first, end]) => first <= start && start < end)) spans.push(span(piece, "match"));
    else if (style) spans.push({ text: piece, raw: style });
    else spans.push(role ? span(piece, role) : span(piece));
  }
  return spans;
}
