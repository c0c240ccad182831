// Which presses of the mouse are the second of two.
import type { Mouse } from "../model/part.ts";

/** Two presses of one cell within this time are a double one as well. */
const doubleMs = 400;

/** Tells presses that are the second of two; keeps the last one. */
export function openClicks(): (mouse: Mouse, nowMs: number) => readonly Mouse[] {
  let last: { readonly column: number; readonly row: number; readonly atMs: number } | undefined;
  return (mouse, nowMs) => {
    if (mouse.action !== "press") return [mouse];
    const { column, row } = mouse;
    const isDouble = last !== undefined && last.column === column && last.row === row && nowMs - last.atMs <= doubleMs;
    last = isDouble ? undefined : { column, row, atMs: nowMs };
    return isDouble ? [{ ...mouse, action: "double" }] : [mouse];
  };
}
