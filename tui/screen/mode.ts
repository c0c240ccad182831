// The modes that the dashboard puts the terminal into and takes it out of, as sequences: xterm's where the terminal is of its kind, else
// nothing but what terminfo tells of it. Pure.
import { isXtermLike } from "./ability.ts";
import type { Terminfo } from "./terminfo.ts";

export type MouseReach = "press" | "drag" | "any";

export interface Modes {
  /** Pasted text comes marked as such, presses and the wheel as numbers. */
  readonly on: string;
  readonly off: string;
  /** What of the mouse is told: presses, releases and the wheel, as after `on`; movements with a button; all movements. */
  readonly tracking: Readonly<Record<MouseReach, string>>;
  /** After a program that had the terminal: styles, character sets, modes, mouse and focus reports. */
  readonly sober: string;
  /** Margins and what counts from them. They move the cursor, so the screen they are made on is the one that goes away. */
  readonly margins: string;
  /** All of it and the former screen, where blessed cannot be relied on. */
  readonly last: string;
}

const paste = { on: "\x1b[?2004h", off: "\x1b[?2004l" } as const;
const mouse = { on: "\x1b[?1000h\x1b[?1006h", off: "\x1b[?1006l\x1b[?1000l" } as const;
/** In the order of what terminals know: one that does not know the last mode keeps the one before. */
const reaches: Modes["tracking"] = {
  press: "\x1b[?1003l\x1b[?1002l\x1b[?1000h",
  drag: "\x1b[?1003l\x1b[?1000h\x1b[?1002h",
  any: "\x1b[?1000h\x1b[?1002h\x1b[?1003h",
};
const noReaches: Modes["tracking"] = { press: "", drag: "", any: "" };
const soberXterm =
  "\x1b[m\x0f\x1b(B\x1b[4l\x1b[?1l\x1b>\x1b[?5l\x1b[?7h\x1b[?1000l\x1b[?1001l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1005l\x1b[?1006l\x1b[?1015l\x1b[?2004l\x1b[?25h";
const xtermMargins = "\x1b[r\x1b[?6l";

/** `info`: its entry, if there is one. */
export function modesOf(term: string, info: Terminfo | undefined, hasMouse: boolean): Modes {
  // blessed sets the margins itself when it enters, where the terminal has them.
  if (!isXtermLike(term)) return { on: "", off: "", tracking: noReaches, sober: info?.reset ?? "", margins: "", last: info?.reset ?? "" };
  return {
    on: paste.on + (hasMouse ? mouse.on : ""),
    off: paste.off + (hasMouse ? mouse.off : ""),
    tracking: hasMouse ? reaches : noReaches,
    sober: soberXterm,
    margins: xtermMargins,
    last: `${xtermMargins}${soberXterm}\x1b[?1049l`,
  };
}
