// What blessed says of keys and the mouse, in the words of the dashboard.
import type { Widgets } from "blessed";
import type { Key, Mouse } from "../model/part.ts";

/** Names that differ. */
const names: Readonly<Record<string, string>> = { return: "enter", linefeed: "enter", " ": "space", delete: "delete" };

/** Undefined for what is no key of its own: blessed tells of Enter twice. */
export function keyOf(text: string | undefined, key: Widgets.Events.IKeyEventArg): Key | undefined {
  if (key.name === "return" && text === "\r" && key.full === "return") return undefined;
  const printable = text !== undefined && /^[^\p{Cc}\p{Cs}]$/u.test(text) ? text : "";
  const name = printable === " " ? "space" : printable !== "" && !key.ctrl && !key.meta ? printable : (names[key.full] ?? key.full);
  return name ? { name, text: printable } : undefined;
}

const actions: Readonly<Record<string, Mouse["action"]>> = { mousedown: "press", wheelup: "up", wheeldown: "down" };

export function mouseOf({ action, x, y }: Widgets.Events.IMouseEventArg): Mouse | undefined {
  const known = actions[action];
  return known && { action: known, column: x, row: y };
}
