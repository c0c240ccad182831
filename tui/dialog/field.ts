// A field of one line in which text is written: the keys of readline, a cursor, a window that follows it. Pure.
import { displayWidth } from "../../src/base/text.ts";
import { cutText, type Line, span, visible } from "../draw/cell.ts";
import type { Key } from "../model/part.ts";

export interface Field {
  readonly text: string;
  /** Place of the cursor in characters as people see them. */
  readonly at: number;
}

export const fieldOf = (text: string): Field => ({ text, at: characters(text).length });

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const characters = (text: string): readonly string[] =>
  /^[\x20-\x7e]*$/.test(text) ? [...text] : [...segmenter.segment(text)].map(({ segment }) => segment);

/** The field after a key; undefined for one that means nothing to it. */
export function updateField({ text, at }: Field, { name, text: written }: Key): Field | undefined {
  const all = characters(text);
  const made = (before: readonly string[], after: readonly string[]): Field => ({
    text: [...before, ...after].join(""),
    at: before.length,
  });
  const before = all.slice(0, at);
  const after = all.slice(at);
  switch (name) {
    case "left":
    case "C-b":
      return { text, at: Math.max(at - 1, 0) };
    case "right":
    case "C-f":
      return { text, at: Math.min(at + 1, all.length) };
    case "home":
    case "C-a":
      return { text, at: 0 };
    case "end":
    case "C-e":
      return { text, at: all.length };
    case "M-b":
    case "C-left":
      return { text, at: wordStart(all, at) };
    case "M-f":
    case "C-right":
      return { text, at: wordEnd(all, at) };
    case "backspace":
    case "C-h":
      return made(before.slice(0, -1), after);
    case "delete":
    case "C-d":
      return made(before, after.slice(1));
    case "C-u":
      return made([], after);
    case "C-k":
      return made(before, []);
    case "C-w":
      return made(all.slice(0, wordStart(all, at)), after);
    default:
  }
  if (written === "") return undefined;
  // A combining mark joins the character before it: what is counted is what came out.
  const head = before.join("") + written;
  return { text: head + after.join(""), at: characters(head).length };
}

function wordStart(all: readonly string[], at: number): number {
  let place = at;
  while (place > 0 && all[place - 1] === " ") place--;
  while (place > 0 && all[place - 1] !== " ") place--;
  return place;
}

function wordEnd(all: readonly string[], at: number): number {
  let place = at;
  while (place < all.length && all[place] === " ") place++;
  while (place < all.length && all[place] !== " ") place++;
  return place;
}

/** In so many columns, the cursor in sight; `cursor` is its column. */
export function drawField({ text, at }: Field, columns: number, cutSign: string): { readonly spans: Line; readonly cursor: number } {
  const before = characters(text).slice(0, at).map(visible);
  let start = 0;
  const widthFrom = (place: number): number => displayWidth(before.slice(place).join(""));
  while (start < before.length && widthFrom(start) + (start > 0 ? displayWidth(cutSign) : 0) >= columns) start++;
  const sign = start > 0 ? cutSign : "";
  const head = sign + before.slice(start).join("");
  const tail = characters(text).slice(at).map(visible).join("");
  const cursor = displayWidth(head);
  return { spans: [span(sign, "dim"), span(head.slice(sign.length), "accent"), span(cutText(tail, columns - cursor), "accent")], cursor };
}
