// What keys and the wheel that move mean everywhere: by a line, by a page, to the first, to the last. Pure.
import type { Mouse } from "./part.ts";

/** Lines to move by; undefined for keys that do not move. `page`: lines of one; `count`: lines there are. */
export function movedByKey(name: string, page: number, count: number): number | undefined {
  switch (name) {
    case "up":
    case "k":
      return -1;
    case "down":
    case "j":
      return 1;
    case "pageup":
    case "C-b":
      return -page;
    case "pagedown":
    case "C-f":
      return page;
    case "home":
    case "g":
      return -count;
    case "end":
    case "G":
      return count;
    default:
      return undefined;
  }
}

/** Undefined for what is no wheel. */
export const movedByWheel = (action: Mouse["action"]): number | undefined => (action === "up" ? -3 : action === "down" ? 3 : undefined);
