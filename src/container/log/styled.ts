// A line as a program wrote it for a terminal, as text and colours (ECMA-48, 8.3.117): what else would act on a terminal is left out or
// made visible, of a line that was written over the last state stays. Pure.
import { escapeControl } from "../../base/text.ts";

/** Colours are numbers of the 256; -1: the terminal's own. */
export interface TextStyle {
  readonly foreground: number;
  readonly background: number;
  readonly bold?: boolean;
  readonly underline?: boolean;
  readonly inverse?: boolean;
}

/** A piece of the text from `from` on, up to the next piece. */
export interface StyledPiece {
  readonly from: number;
  readonly style: TextStyle | undefined;
}

export interface StyledText {
  /** Without a character that acts on a terminal. */
  readonly text: string;
  /** In order; empty: all of it is plain. */
  readonly pieces: readonly StyledPiece[];
}

/** Sequences whose meaning is of a terminal: control sequences, strings up to their end, escapes of two or three characters. */
const sequence = /\x1b\[([0-?]*)([ -/]*[@-~])|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|$)|\x1b[ -/]*[0-OQ-WYZ\\`-~]/g;
const tabColumns = 8;

const hasNothing = (text: string): boolean => !/[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/.test(text);

export function parseStyled(raw: string): StyledText {
  if (hasNothing(raw)) return { text: raw, pieces: [] };
  const line = lastState(raw);
  let text = "";
  let style: TextStyle | undefined;
  const pieces: StyledPiece[] = [];
  let from = 0;
  const add = (part: string) => {
    if (part === "") return;
    if (pieces.at(-1)?.style !== style && (style !== undefined || pieces.length > 0)) pieces.push({ from: text.length, style });
    text = appended(text, part);
  };
  for (const match of line.matchAll(sequence)) {
    add(line.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === "m") style = styleAfter(style, match[1] ?? "");
  }
  add(line.slice(from));
  return { text, pieces };
}

/** Only the text. */
export const plainOf = (raw: string): string => parseStyled(raw).text;

/** What is left of a line that was begun anew again and again: progress bars. */
function lastState(raw: string): string {
  const line = raw.replace(/\r+$/, "");
  return line.slice(line.lastIndexOf("\r") + 1);
}

function appended(text: string, part: string): string {
  if (!part.includes("\t")) return text + escapeControl(part);
  let whole = text;
  for (const [at, word] of part.split("\t").entries()) {
    if (at > 0) whole += " ".repeat(tabColumns - (whole.length % tabColumns));
    whole += escapeControl(word);
  }
  return whole;
}

const plain: TextStyle = { foreground: -1, background: -1 };

/** The style after "select graphic rendition"; undefined: plain. */
function styleAfter(before: TextStyle | undefined, parameters: string): TextStyle | undefined {
  if (!/^[\d;:]*$/.test(parameters)) return before;
  const codes = parameters.split(/[;:]/).map(Number);
  let style: TextStyle = before ?? plain;
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code === 38 || code === 48) {
      const { colour, used } = wideColour(codes.slice(at + 1));
      at += used;
      if (colour >= 0) style = code === 38 ? { ...style, foreground: colour } : { ...style, background: colour };
    } else style = simpleStyle(style, code);
  }
  const isPlain = style.foreground < 0 && style.background < 0 && !style.bold && !style.underline && !style.inverse;
  return isPlain ? undefined : style;
}

function simpleStyle(style: TextStyle, code: number): TextStyle {
  if (code >= 30 && code <= 37) return { ...style, foreground: code - 30 };
  if (code >= 90 && code <= 97) return { ...style, foreground: code - 82 };
  if (code >= 40 && code <= 47) return { ...style, background: code - 40 };
  if (code >= 100 && code <= 107) return { ...style, background: code - 92 };
  switch (code) {
    case 0:
      return plain;
    case 1:
      return { ...style, bold: true };
    case 4:
      return { ...style, underline: true };
    case 7:
      return { ...style, inverse: true };
    case 22:
      return { ...style, bold: false };
    case 24:
      return { ...style, underline: false };
    case 27:
      return { ...style, inverse: false };
    case 39:
      return { ...style, foreground: -1 };
    case 49:
      return { ...style, background: -1 };
    default:
      return style;
  }
}

/** 5;n of the 256, 2;r;g;b as the nearest of them. */
function wideColour([kind, one = 0, two = 0, three = 0]: readonly number[]): { readonly colour: number; readonly used: number } {
  if (kind === 5) return { colour: one <= 255 ? one : -1, used: 2 };
  if (kind !== 2) return { colour: -1, used: 1 };
  const level = (value: number): number => Math.round((Math.min(value, 255) / 255) * 5);
  return { colour: 16 + 36 * level(one) + 6 * level(two) + level(three), used: 4 };
}
