// More lines than a dialog has rows: keys and the wheel move, and a last line says where one is. Pure.
import { type Line, line } from "../draw/cell.ts";
import { movedByKey, movedByWheel } from "../model/move.ts";
import type { PartMessage } from "../model/part.ts";

/**
 * The first line to be seen after a key or the wheel; undefined for what does not scroll. `height`: rows there are for lines. There may
 * be fewer of them than when `top` was said.
 */
export function scrolled(top: number, message: PartMessage, count: number, height: number): number | undefined {
  const by = scrollBy(message, Math.max(height - 1, 1), count);
  return by === undefined ? undefined : boundedTop(boundedTop(top, count, height) + by, count, height);
}

export const boundedTop = (top: number, count: number, height: number): number => Math.min(Math.max(top, 0), Math.max(count - height, 0));

function scrollBy(message: PartMessage, page: number, count: number): number | undefined {
  if (message.kind === "mouse") return movedByWheel(message.mouse.action);
  if (message.kind !== "key") return undefined;
  return message.key.name === "space" ? page : movedByKey(message.key.name, page, count);
}

/** The lines that are seen; the last row tells how many there are when they do not all fit. */
export function windowOf(lines: readonly Line[], top: number, height: number): readonly Line[] {
  if (lines.length <= height) return lines;
  const room = Math.max(height - 1, 1);
  const from = boundedTop(top, lines.length, room);
  return [...lines.slice(from, from + room), line(`${from + 1}-${Math.min(from + room, lines.length)} of ${lines.length}`, "dim")];
}

/** Rows for lines, without the one that tells where one is. */
export const windowHeight = (count: number, height: number): number => (count <= height ? height : Math.max(height - 1, 1));
