import t from "tap";
import type { Tracking } from "../../../tui/model/pane.ts";
import type { Mouse } from "../../../tui/model/part.ts";
import { encodeKey, encodeMouse, encodeWheel, tracksWheel } from "../../../tui/pane/encode.ts";
import { openDecoder } from "../../../tui/screen/key.ts";

const plain = { hasApplicationCursor: false, hasBracketedPaste: false };
const encode = (name: string, modes = plain) => encodeKey({ name, text: "" }, modes);

t.test("keys as xterm sends them", async (t) => {
  const cases: Readonly<Record<string, string>> = {
    ...{ enter: "\r", tab: "\t", escape: "\x1b", backspace: "\x7f", "S-tab": "\x1b[Z", "C-c": "\x03", "C-p": "\x10", "C-q": "\x11" },
    ...{ "C-space": "\0", "C-]": "\x1d", "C-\\": "\x1c", "C-_": "\x1f", "M-x": "\x1bx", "M-enter": "\x1b\r", "C-M-c": "\x1b\x03" },
    ...{ up: "\x1b[A", end: "\x1b[F", "C-left": "\x1b[1;5D", "S-up": "\x1b[1;2A", "M-home": "\x1b[1;3H" },
    ...{ f1: "\x1bOP", "S-f1": "\x1b[1;2P", f5: "\x1b[15~", f12: "\x1b[24~", "C-f5": "\x1b[15;5~" },
    ...{ insert: "\x1b[2~", delete: "\x1b[3~", pageup: "\x1b[5~", "C-S-pagedown": "\x1b[6;6~", unknown: "" },
  };
  for (const [name, bytes] of Object.entries(cases)) t.equal(encode(name), bytes, name);
  t.equal(encode("up", { ...plain, hasApplicationCursor: true }), "\x1bOA");
  t.equal(encodeKey({ name: "漢", text: "漢" }, plain), "漢");
});

t.test("what is encoded is decoded to the same key", async (t) => {
  for (const name of [
    "enter",
    "tab",
    "S-tab",
    "C-p",
    "C-M-c",
    "M-x",
    "up",
    "C-left",
    "S-pageup",
    "f4",
    "f12",
    "C-S-end",
    "C-]",
    "backspace",
  ]) {
    t.match(openDecoder().feed(encode(name)), [{ kind: "key", key: { name } }]);
  }
});

t.test("a paste, marked where the program knows it, and never ended by what is in it", async (t) => {
  const key = { name: "paste", text: "", pasted: "one\r\ntwo\n\x1b[201~rm" };
  t.equal(encodeKey(key, plain), "one\rtwo\rrm");
  t.equal(encodeKey(key, { ...plain, hasBracketedPaste: true }), "\x1b[200~one\rtwo\rrm\x1b[201~");
});

t.test("the wheel moves by three lines", async (t) => {
  t.equal(encodeWheel({ action: "up", column: 0, row: 0 }, plain), "\x1b[A".repeat(3));
  t.equal(encodeWheel({ action: "press", column: 0, row: 0 }, plain), "");
});

const at = (code: number, given: Partial<Mouse> = {}): Mouse => ({ action: "other", column: 9, row: 4, code, ...given });
const [press, right, release, drag, hover, wheel] = [at(0), at(2), at(0, { isRelease: true }), at(32), at(35), at(65)];
const told = (tracking: Tracking, mouse: Mouse, isSgr = true) => encodeMouse(mouse, { tracking, isSgr });

t.test("the mouse as a program has asked for it", async (t) => {
  const forms: Readonly<Record<Tracking, readonly string[]>> = {
    none: ["", "", "", "", "", ""],
    x10: ["<0;10;5M", "<2;10;5M", "", "", "", ""],
    vt200: ["<0;10;5M", "<2;10;5M", "<0;10;5m", "", "", "<65;10;5M"],
    drag: ["<0;10;5M", "<2;10;5M", "<0;10;5m", "<32;10;5M", "", "<65;10;5M"],
    any: ["<0;10;5M", "<2;10;5M", "<0;10;5m", "<32;10;5M", "<35;10;5M", "<65;10;5M"],
  };
  for (const tracking of ["none", "x10", "vt200", "drag", "any"] as const) {
    const all = [press, right, release, drag, hover, wheel].map((mouse) => told(tracking, mouse).replace("\x1b[", ""));
    t.same(all, forms[tracking], tracking);
    t.equal(tracksWheel({ tracking, isSgr: true }), forms[tracking][5] !== "", tracking);
  }
});

t.test("modifiers, double presses, letting go of nobody knows what, more buttons", async (t) => {
  t.equal(told("vt200", at(4 + 16)), "\x1b[<20;10;5M");
  t.equal(told("x10", at(4 + 16 + 2)), "\x1b[<2;10;5M", "this one knows no modifiers");
  t.equal(told("vt200", { action: "double", column: 0, row: 0 }), "\x1b[<0;1;1M");
  t.equal(told("vt200", { action: "up", column: 0, row: 0 }), "\x1b[<64;1;1M");
  t.equal(told("vt200", at(3, { isRelease: true })), "\x1b[<0;10;5m");
  t.equal(told("drag", at(128)), "\x1b[<128;10;5M");
});

t.test("in bytes, as far as they reach", async (t) => {
  t.equal(told("vt200", press, false), "\x1b[M *%");
  t.equal(told("vt200", release, false), "\x1b[M#*%");
  t.equal(told("vt200", at(2 + 16, { isRelease: true }), false), "\x1b[M3*%");
  t.equal(told("any", hover, false), "\x1b[MC*%");
  t.equal(told("vt200", at(0, { column: 222 }), false), "\x1b[M \xff%");
  t.equal(told("vt200", at(0, { column: 223 }), false), "");
  t.equal(told("vt200", at(0, { column: 223 })), "\x1b[<0;224;5M");
});
