// What tabs of text have in common: lines that scroll, from the top again for another row. Pure.
import { boundedTop, scrolled, windowHeight, windowOf } from "../dialog/scroll.ts";
import type { Drawn, Line } from "../draw/cell.ts";
import type { Change, KeyHint, PartMessage, Surroundings } from "../model/part.ts";

export interface LinesState {
  /** What `top` is of. */
  readonly of: string;
  readonly top: number;
}

export const initialLines: LinesState = { of: "", top: 0 };

const topOf = (state: LinesState, of: string): number => (state.of === of ? state.top : 0);

/** `head`: rows above the lines. */
export function updateLines(
  state: LinesState,
  message: PartMessage,
  of: string,
  lines: readonly Line[],
  { size }: Pick<Surroundings, "size">,
  head = 0,
): Change<LinesState> {
  const top = scrolled(topOf(state, of), message, lines.length, windowHeight(lines.length, Math.max(size.rows - head, 1)));
  return top === undefined ? { state, isUnused: message.kind === "key" } : { state: { of, top } };
}

export function drawLines(
  state: LinesState,
  of: string,
  lines: readonly Line[],
  { size }: Pick<Surroundings, "size">,
  head: readonly Line[] = [],
): Drawn {
  const height = Math.max(size.rows - head.length, 1);
  const top = boundedTop(topOf(state, of), lines.length, windowHeight(lines.length, height));
  return { lines: [...head, ...windowOf(lines, top, height)] };
}

export const scrollHint: KeyHint = { key: "Up Down", does: "scroll", isShown: true };
