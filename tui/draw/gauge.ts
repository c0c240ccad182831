// Bars: how much of something is used. What a bar shows stands beside it in numbers, as not every terminal has colours. Pure.
import { displayWidth } from "../../src/base/text.ts";
import { fitText, type Line, type Role, type Span, span } from "./cell.ts";
import type { Glyphs } from "./glyph.ts";

const bounded = (share: number): number => (Number.isFinite(share) ? Math.min(Math.max(share, 0), 1) : 0);

/** In exactly so many columns. `share`: 0 to 1. */
export function renderGauge(share: number, columns: number, glyphs: Glyphs): string {
  const full = Math.round(bounded(share) * columns);
  return glyphs.full.repeat(full) + glyphs.empty.repeat(Math.max(columns - full, 0));
}

/** Of something that does harm when it is used up. */
export const roleOfShare = (share: number): Role => (share >= 0.95 ? "bad" : share >= 0.8 ? "warning" : "bar");

export interface MeterPart {
  /** 0 to 1 of the whole. */
  readonly share: number;
  readonly role: Role;
  /** Fills its part where there is neither colour nor Unicode: a letter of its own. */
  readonly sign?: string;
}

export interface Meter {
  readonly title: string;
  /** From the left. */
  readonly parts: readonly MeterPart[];
  /** What it says in words, behind it. */
  readonly text: string;
}

/** `title[####....] text` in exactly so many columns; the bar takes what is left. */
export function renderMeter(
  { title, parts, text }: Meter,
  widths: { readonly title: number; readonly text: number },
  columns: number,
  glyphs: Glyphs,
): Line {
  if (glyphs.isPlain) return [span(`${title} ${text.trimEnd()}`)];
  const room = Math.max(columns - widths.title - widths.text - 4, 0);
  const spans: Span[] = [span(`${fitText(title, widths.title, glyphs.cut)} `, "strong")];
  let upTo = 0;
  let filled = 0;
  if (room >= 3) spans.push(span("[", "dim"));
  for (const { share, role, sign } of parts) {
    upTo += bounded(share);
    const until = room >= 3 ? Math.min(Math.round(upTo * room), room) : 0;
    if (until <= filled) continue;
    spans.push(span((glyphs.isAscii && sign ? sign : glyphs.full).repeat(until - filled), role));
    filled = until;
  }
  if (room >= 3) spans.push(span(glyphs.empty.repeat(room - filled), "dim"), span("] ", "dim"));
  const left = columns - spans.reduce((sum, part) => sum + displayWidth(part.text), 0);
  return [...spans, span(fitText(text, Math.max(left, 0), glyphs.cut))];
}
