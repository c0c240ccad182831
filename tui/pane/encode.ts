// Keys and the mouse as the bytes a terminal like xterm sends for them. Pure.
import type { Tracking } from "../model/pane.ts";
import type { Key, Mouse } from "../model/part.ts";

/** Modes the program has asked for. */
export interface TypingModes {
  /** Arrows as `SS3 letter`. */
  readonly hasApplicationCursor: boolean;
  readonly hasBracketedPaste: boolean;
}

export interface MouseModes {
  readonly tracking: Tracking;
  /** Numbers in digits (1006) instead of in bytes. */
  readonly isSgr: boolean;
}

const arrows: Readonly<Record<string, string>> = { up: "A", down: "B", right: "C", left: "D", clear: "E", end: "F", home: "H" };
const firstFunctions: Readonly<Record<string, string>> = { f1: "P", f2: "Q", f3: "R", f4: "S" };
const numbered: Readonly<Record<string, number>> = {
  ...{ insert: 2, delete: 3, pageup: 5, pagedown: 6 },
  ...{ f5: 15, f6: 17, f7: 18, f8: 19, f9: 20, f10: 21, f11: 23, f12: 24 },
};
const single: Readonly<Record<string, string>> = { enter: "\r", tab: "\t", escape: "\x1b", backspace: "\x7f", space: " " };

interface Parts {
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
  readonly name: string;
}

function partsOf(key: string): Parts {
  const found = /^(C-)?(M-)?(S-)?(.+)$/su.exec(key);
  return { ctrl: found?.[1] !== undefined, alt: found?.[2] !== undefined, shift: found?.[3] !== undefined, name: found?.[4] ?? key };
}

function withControl(name: string): string {
  if (name === "space" || name === "@") return "\0";
  const code = name.toUpperCase().charCodeAt(0);
  return name.length === 1 && code >= 0x40 && code < 0x60 ? String.fromCharCode(code - 0x40) : (single[name] ?? name);
}

/** Empty for what a program cannot be told. */
export function encodeKey(key: Key, { hasApplicationCursor, hasBracketedPaste }: TypingModes): string {
  if (key.pasted !== undefined) {
    // The end of a paste inside of one would end it early: what follows would be typed.
    const lines = key.pasted.replaceAll("\x1b[201~", "").replace(/\r?\n/g, "\r");
    return hasBracketedPaste ? `\x1b[200~${lines}\x1b[201~` : lines;
  }
  if (key.text !== "") return key.text;
  const { ctrl, alt, shift, name } = partsOf(key.name);
  const modifier = 1 + (shift ? 1 : 0) + (alt ? 2 : 0) + (ctrl ? 4 : 0);
  const suffix = modifier === 1 ? "" : `;${modifier}`;
  if (name === "tab" && shift) return `${alt ? "\x1b" : ""}\x1b[Z`;
  const arrow = arrows[name];
  if (arrow) return modifier > 1 ? `\x1b[1${suffix}${arrow}` : `\x1b${hasApplicationCursor ? "O" : "["}${arrow}`;
  const early = firstFunctions[name];
  if (early) return modifier > 1 ? `\x1b[1${suffix}${early}` : `\x1bO${early}`;
  const number = numbered[name];
  if (number !== undefined) return `\x1b[${number}${suffix}~`;
  const plain = ctrl ? withControl(name) : (single[name] ?? ([...name].length === 1 ? name : ""));
  return alt && plain !== "" ? `\x1b${plain}` : plain;
}

/** The wheel for a program that fills the screen and has not asked for the mouse: three lines by arrows. */
export const encodeWheel = ({ action }: Mouse, modes: TypingModes): string =>
  action === "up" || action === "down" ? encodeKey({ name: action, text: "" }, modes).repeat(3) : "";

const codes: Readonly<Record<Mouse["action"], number>> = { press: 0, double: 0, up: 64, down: 65, other: 3 };

/** Whether a program is told of the wheel itself. */
export const tracksWheel = ({ tracking }: MouseModes): boolean => tracking !== "none" && tracking !== "x10";

/**
 * What a program is told that has asked for the mouse; empty for what it has not asked for, and for cells that bytes cannot say. A string of
 * bytes (latin1), by xterm's ctlseqs, "Mouse Tracking".
 */
export function encodeMouse(mouse: Mouse, { tracking, isSgr }: MouseModes): string {
  const { action, column, row, isRelease = false, code = codes[action] } = mouse;
  const isMove = (code & 32) !== 0;
  const isHover = isMove && (code & (3 | 64 | 128)) === 3;
  if (!isAsked(tracking, { isRelease, isMove, isHover, isWheel: (code & 64) !== 0 })) return "";
  const told = tracking === "x10" ? code & 3 : code;
  // Digits name the button that is let go; of a terminal that does not, it is the first.
  if (isSgr) return `\x1b[<${isRelease && (told & 3) === 3 ? told & ~3 : told};${column + 1};${row + 1}${isRelease ? "m" : "M"}`;
  const bytes = [isRelease ? (told & ~(64 | 128)) | 3 : told, column + 1, row + 1].map((value) => value + 32);
  return bytes.every((byte) => byte <= 255) ? `\x1b[M${String.fromCharCode(...bytes)}` : "";
}

interface MouseKind {
  readonly isRelease: boolean;
  readonly isMove: boolean;
  /** A movement without a button. */
  readonly isHover: boolean;
  readonly isWheel: boolean;
}

function isAsked(tracking: Tracking, { isRelease, isMove, isHover, isWheel }: MouseKind): boolean {
  switch (tracking) {
    case "none":
      return false;
    case "x10":
      return !isRelease && !isMove && !isWheel;
    case "vt200":
      return !isMove;
    case "drag":
      return !isHover;
    case "any":
      return true;
  }
}
