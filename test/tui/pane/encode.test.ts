import t from "tap";
import { encodeKey, encodeWheel } from "../../../tui/pane/encode.ts";
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
