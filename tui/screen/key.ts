// The bytes a terminal sends as keys, mouse and pasted text: one message for each, whatever way they are cut into pieces. Pure: who owns
// it says when no more is coming, which tells Escape from the beginning of a sequence.
import type { Key, Mouse } from "../model/part.ts";

export type Typed =
  | { readonly kind: "key"; readonly key: Key }
  | { readonly kind: "mouse"; readonly mouse: Mouse }
  /** What an OSC of the terminal says. */
  | { readonly kind: "answer"; readonly text: string };

export interface Decoder {
  /** What these characters complete. */
  feed(text: string): readonly Typed[];
  /** Something has begun and not ended. */
  readonly isWaiting: boolean;
  /** What has begun looks like a colour that the terminal tells, and no key comes so. */
  readonly isAnswering: boolean;
  /** Nothing more comes for now: what waits is told as what it is. */
  settle(): readonly Typed[];
}

const begin = "\x1b";
const pasteEnd = "\x1b[201~";
/** A paste that never ends is told in pieces. */
const longestPaste = 1 << 20;

const finals: Readonly<Record<string, string>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  E: "clear",
  F: "end",
  H: "home",
  P: "f1",
  Q: "f2",
  R: "f3",
  S: "f4",
  Z: "S-tab",
};
/** `CSI NUMBER ~`. */
const numbers: Readonly<Record<string, string>> = {
  ...{ 1: "home", 2: "insert", 3: "delete", 4: "end", 5: "pageup", 6: "pagedown", 7: "home", 8: "end" },
  ...{ 11: "f1", 12: "f2", 13: "f3", 14: "f4", 15: "f5", 17: "f6", 18: "f7", 19: "f8", 20: "f9", 21: "f10", 23: "f11", 24: "f12" },
};
/** On the pad of numbers in application mode: `SS3 letter`. */
const pad: Readonly<Record<string, string>> = {
  ...{ j: "*", k: "+", l: ",", m: "-", n: ".", o: "/", X: "=", M: "enter" },
  ...Object.fromEntries([..."pqrstuvwxy"].map((letter, digit) => [letter, String(digit)])),
};
/** rxvt: shift and control of `SS3 a` and `CSI a`. */
const rxvtArrows: Readonly<Record<string, string>> = { a: "up", b: "down", c: "right", d: "left" };

const keyed = (key: Key): Typed => ({ kind: "key", key });
const named = (name: string): Typed => keyed({ name, text: "" });

/** Of xterm's modifier, which is 1 + shift 1 + alt 2 + control 4. */
function modified(name: string, modifier: number): string {
  const bits = Math.max(modifier - 1, 0);
  return `${bits & 4 ? "C-" : ""}${bits & 2 ? "M-" : ""}${bits & 1 ? "S-" : ""}${name}`;
}

/** A character typed as itself. */
function written(character: string): Typed {
  const code = character.codePointAt(0) ?? 0;
  if (character === "\r" || character === "\n") return named("enter");
  if (character === "\t") return named("tab");
  if (character === "\x7f" || character === "\b") return named("backspace");
  if (character === begin) return named("escape");
  if (character === " ") return keyed({ name: "space", text: " " });
  if (code === 0) return named("C-space");
  if (code < 27) return named(`C-${String.fromCharCode(code + 96)}`);
  if (code < 32) return named(`C-${String.fromCharCode(code + 64)}`);
  // C1 has no keys.
  if (code < 0xa0 && code > 0x7e) return named("unknown");
  return keyed({ name: character, text: character });
}

/** The same key with Alt. */
function withAlt(typed: Typed): Typed {
  if (typed.kind !== "key") return typed;
  const { name } = typed.key;
  return named(name.startsWith("C-") ? `C-M-${name.slice(2)}` : `M-${name}`);
}

/** `CSI CODE ; MODIFIER u` and `CSI 27 ; MODIFIER ; CODE ~`: terminals that tell every key apart. */
function coded(code: number, modifier: number): Typed {
  const character = code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "\0";
  const plain = written(character);
  if (plain.kind !== "key") return plain;
  if (modifier <= 1 || (modifier === 2 && plain.key.text !== "" && character !== " ")) return plain;
  return named(modified(plain.key.name, modifier));
}

function mouseOf(button: number, column: number, row: number, isRelease: boolean): readonly Typed[] {
  if (!(button >= 0 && column > 0 && row > 0)) return [];
  // Bits of modifiers are left out; 32 is a movement.
  const plain = button & ~(4 | 8 | 16);
  const action = isRelease ? "other" : plain === 64 ? "up" : plain === 65 ? "down" : plain === 0 ? "press" : "other";
  const mouse: Mouse = { action, column: column - 1, row: row - 1, code: button, ...(isRelease ? { isRelease } : {}) };
  return [{ kind: "mouse", mouse }];
}

/** What a whole control sequence means; nothing for answers and what is unknown. */
function sequence(parameters: string, final: string): readonly Typed[] {
  if (parameters.startsWith("<")) {
    const [button = 0, column = 0, row = 0] = parameters.slice(1).split(";").map(Number);
    return mouseOf(button, column, row, final === "m");
  }
  const [first = "", second = "1", third = ""] = parameters.split(";");
  const modifier = Number(second.split(":")[0]) || 1;
  if (final === "u" && first !== "") return [coded(Number(first.split(":")[0]), modifier)];
  if (final === "~" && first === "27") return [coded(Number(third), modifier)];
  const known = final === "~" || final === "$" || final === "^" ? numbers[first] : finals[final];
  if (known) return [named(modified(known, final === "$" ? 2 : final === "^" ? 5 : modifier))];
  const arrow = rxvtArrows[final];
  return arrow && parameters === "" ? [named(`S-${arrow}`)] : [];
}

interface Step {
  readonly typed: readonly Typed[];
  readonly taken: number;
}

/** What stands at the beginning of the text; undefined while more of it is needed. */
function step(text: string): Step | undefined {
  if (!text.startsWith(begin)) {
    const character = String.fromCodePoint(text.codePointAt(0) ?? 0);
    return { typed: [written(character)], taken: character.length };
  }
  const next = text[1];
  if (next === undefined) return undefined;
  if (next === "[") return controlSequence(text);
  if (next === "O") return shiftThree(text);
  // Answers of the terminal: OSC, DCS, APC and PM up to their end.
  if ("]P_^".includes(next) && text.length > 2) {
    const end = /\x07|\x1b\\/.exec(text.slice(2));
    if (!end) return undefined;
    const typed: readonly Typed[] = next === "]" ? [{ kind: "answer", text: text.slice(2, 2 + end.index) }] : [];
    return { typed, taken: 2 + end.index + end[0].length };
  }
  if ("]P_^".includes(next)) return undefined;
  if (next === begin) return doubleEscape(text);
  const character = String.fromCodePoint(text.codePointAt(1) ?? 0);
  return { typed: [withAlt(written(character))], taken: 1 + character.length };
}

/** rxvt's Alt before a sequence, or Escape pressed twice. */
function doubleEscape(text: string): Step | undefined {
  if (text.length === 2) return undefined;
  if (text[2] !== "[" && text[2] !== "O") return { typed: [named("escape")], taken: 1 };
  const inner = step(text.slice(1));
  return inner && { typed: inner.typed.map(withAlt), taken: inner.taken + 1 };
}

function controlSequence(text: string): Step | undefined {
  // Linux' console: F1 to F5.
  if (text[2] === "[") return text[3] === undefined ? undefined : { typed: linuxKey(text[3]), taken: 4 };
  if (text[2] === "M") {
    if (text.length < 6) return undefined;
    const [button = 0, column = 0, row = 0] = [3, 4, 5].map((at) => text.charCodeAt(at) - 32);
    return { typed: mouseOf(button, column, row, (button & 3) === 3 && button < 64), taken: 6 };
  }
  const whole = /^\x1b\[([0-?]*)[ -/]*([@-~^$])/.exec(text.replace(/^(\x1b\[\d+)\$/, "$1~"));
  if (whole) {
    const [all, parameters = "", final = ""] = whole;
    return { typed: sequence(parameters, text[all.length - 1] === "$" ? "$" : final), taken: all.length };
  }
  // What cannot become one is left out up to the fault.
  const fault = /^\x1b\[[ -?]*/.exec(text)?.[0].length ?? 2;
  return fault < text.length ? { typed: [], taken: fault } : undefined;
}

const linuxKey = (letter: string): readonly Typed[] => {
  const at = "ABCDE".indexOf(letter);
  return at < 0 ? [] : [named(`f${at + 1}`)];
};

function shiftThree(text: string): Step | undefined {
  const whole = /^\x1bO(?:1?;?(\d))?([A-Za-z])/.exec(text);
  if (!whole) return text.length < 3 || /^\x1bO[\d;]*$/.test(text) ? undefined : { typed: [named("M-O")], taken: 2 };
  const [all, modifier = "1", letter = ""] = whole;
  const known = letter === "M" ? "enter" : finals[letter];
  if (known) return { typed: [named(modified(known, Number(modifier)))], taken: all.length };
  const number = pad[letter];
  if (number) return { typed: [keyed({ name: number, text: number })], taken: all.length };
  const arrow = rxvtArrows[letter];
  return { typed: arrow ? [named(`C-${arrow}`)] : [], taken: all.length };
}

/** Pasted text: as one line for whoever writes it into a field, and as it was. */
const pastedKey = (pasted: string): Typed =>
  keyed({ name: "paste", text: pasted.replace(/[\r\n\t]+/g, " ").replace(/[\x00-\x1f\x7f-\x9f]/g, ""), pasted });

export function openDecoder(): Decoder {
  let waiting = "";
  let isPasting = false;
  function paste(): Typed | undefined {
    const end = waiting.indexOf(pasteEnd);
    if (end < 0 && waiting.length < longestPaste) return undefined;
    const pasted = end < 0 ? waiting : waiting.slice(0, end);
    waiting = end < 0 ? "" : waiting.slice(end + pasteEnd.length);
    isPasting = end < 0;
    return pastedKey(pasted);
  }
  function take(): Typed[] {
    const typed: Typed[] = [];
    while (waiting !== "") {
      if (isPasting) {
        const pasted = paste();
        if (!pasted) break;
        typed.push(pasted);
        continue;
      }
      const done = step(waiting);
      if (!done) break;
      isPasting = waiting.startsWith("\x1b[200~");
      waiting = waiting.slice(done.taken);
      typed.push(...done.typed);
    }
    return typed;
  }
  return {
    feed(text) {
      waiting += text;
      return take();
    },
    get isWaiting() {
      return waiting !== "" && !isPasting;
    },
    get isAnswering() {
      return !isPasting && /^\x1b\]\d{1,2}(?:;[rgba:/\da-f]*\x1b?)?$/i.test(waiting);
    },
    settle() {
      if (waiting === "" || isPasting) return [];
      const [first = "", second] = [...waiting];
      const rest = waiting;
      waiting = "";
      if (second === undefined) return [written(first)];
      // Alt with a letter that could have begun a sequence; longer ones were cut and mean nothing.
      if (second === begin) return [named("escape"), named("escape")];
      return [...rest].length === 2 ? [withAlt(written(second))] : [];
    },
  };
}
