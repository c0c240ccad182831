// What a screen is made of, as values: spans of text with a role, lines of spans, boxes for charts. Colours and terminals are
// screen/'s; every text passes `visible` on its way to a cell, so that nothing a container chose reaches a terminal raw.
import { displayWidth, escapeControl, isNarrow } from "../../src/base/text.ts";

/**
 * What a text is for. A theme gives each role its look; whatever a role means is also said in words or by a sign, since a
 * terminal may have no colours.
 */
export type Role =
  | "plain"
  | "dim"
  | "strong"
  | "title"
  | "heading"
  | "key"
  | "accent"
  | "good"
  | "warning"
  | "bad"
  | "border"
  | "focus"
  | "chosen"
  | "marked"
  | "match"
  | "bar"
  | "series1"
  | "series2"
  | "series3"
  | "series4";

/** The look a program in a pane gave its own output; colours are numbers of the 256, -1 the terminal's own. */
export interface RawStyle {
  readonly foreground: number;
  readonly background: number;
  readonly bold?: boolean;
  readonly underline?: boolean;
  readonly inverse?: boolean;
}

export interface Span {
  readonly text: string;
  readonly role?: Role;
  /** Instead of a role. */
  readonly raw?: RawStyle;
}

export type Line = readonly Span[];

/** In cells of the terminal. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface Area extends Size {
  readonly left: number;
  readonly top: number;
}

/** A curve: values of equal times, oldest first; undefined where nothing was sampled. */
export interface Series {
  readonly name: string;
  readonly role: Role;
  readonly values: readonly (number | undefined)[];
  /** What the legend says; the newest of the values where it is not given. */
  readonly newest?: number;
}

/** A chart that the terminal's side draws, in an area relative to whoever drew it. */
export interface Chart {
  readonly area: Area;
  readonly title: string;
  readonly series: readonly Series[];
  /** Upper end of the axis. */
  readonly top: number;
  /** Words of the axis: of a value, and of the ends in time. */
  readonly renderValue: (value: number) => string;
  readonly from: string;
  readonly to: string;
}

/** What a part of the screen looks like: at most as many lines as it has rows, each cut and padded by whoever places it. */
export interface Drawn {
  readonly lines: readonly Line[];
  /** Each line takes exactly so many columns: nobody has to cut or pad it again. */
  readonly fits?: number;
  readonly charts?: readonly Chart[];
  /** Where the terminal's cursor blinks, in a field of input. */
  readonly cursor?: { readonly column: number; readonly row: number };
}

export const span = (text: string, role?: Role): Span => (role ? { text, role } : { text });
export const line = (text: string, role?: Role): Line => [span(text, role)];

/** Characters that would act on a terminal become words of what they are; tabs are blanks. */
export const visible = (text: string): string => escapeControl(text.includes("\t") ? text.replaceAll("\t", "  ") : text);

/** Columns that a line takes. */
export const widthOf = (spans: Line): number => spans.reduce((sum, { text }) => sum + displayWidth(visible(text)), 0);

/** The start of a text that fits into so many columns, without a sign that something was cut. Made visible. */
export function cutText(text: string, columns: number): string {
  const shown = visible(text);
  if (isNarrow(shown)) return shown.length <= columns ? shown : shown.slice(0, Math.max(columns, 0));
  let width = 0;
  let cut = "";
  for (const character of shown) {
    width += displayWidth(character);
    if (width > columns) break;
    cut += character;
  }
  return cut;
}

/** A text in exactly so many columns; one that is too long ends in `sign`. */
export function fitText(text: string, columns: number, sign: string, align: "left" | "right" = "left"): string {
  const shown = visible(text);
  const width = displayWidth(shown);
  const cut = width <= columns ? shown : columns <= 0 ? "" : cutText(shown, columns - displayWidth(sign)) + sign;
  const padding = " ".repeat(Math.max(columns - displayWidth(cut), 0));
  return align === "left" ? cut + padding : padding + cut;
}

/** A line in exactly so many columns: cut at the end, or filled with blanks of `fill`. */
export function fitLine(spans: Line, columns: number, fill?: Role): Line {
  const fitted: Span[] = [];
  let left = columns;
  for (const { text, ...look } of spans) {
    if (left <= 0) break;
    const cut = cutText(text, left);
    left -= displayWidth(cut);
    fitted.push({ text: cut, ...look });
  }
  if (left > 0) fitted.push(span(" ".repeat(left), fill));
  return fitted;
}

/** Whether both look the same; most lines do from one drawing to the next. */
export function isSameLine(one: Line, other: Line): boolean {
  if (one === other) return true;
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) {
    const [span, like] = [one[at], other[at]];
    if (span !== like && (span?.text !== like?.text || span?.role !== like?.role || span?.raw !== like?.raw)) return false;
  }
  return true;
}

/** The lines, and empty ones up to so many rows. */
export const fillRows = (lines: readonly Line[], rows: number): readonly Line[] =>
  lines.length >= rows ? lines : [...lines, ...Array.from({ length: rows - lines.length }, (): Line => [])];

/** The line as plain text. */
export const textOf = (spans: Line): string => spans.map(({ text }) => visible(text)).join("");
