import fc from "fast-check";
import t from "tap";
import { openClicks } from "../../../tui/screen/click.ts";
import { openDecoder, type Typed } from "../../../tui/screen/key.ts";

function nameOf(typed: Typed): string {
  if (typed.kind === "answer") return `answer ${typed.text}`;
  return typed.kind === "key" ? typed.key.name : `${typed.mouse.action} ${typed.mouse.column},${typed.mouse.row}`;
}

/** Names of what these bytes are, come at once and followed by silence. */
function keys(text: string): string[] {
  const decoder = openDecoder();
  return [...decoder.feed(text), ...decoder.settle()].map(nameOf);
}

t.test("one message per press", async (t) => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    "\r": ["enter"],
    "aA/ ": ["a", "A", "/", "space"],
    "ü漢🎉": ["ü", "漢", "🎉"],
    "\x03\x1a\x1d\x00": ["C-c", "C-z", "C-]", "C-space"],
    "\x7f\b\t": ["backspace", "backspace", "tab"],
    "\x1b": ["escape"],
    "\x1b\x1b": ["escape", "escape"],
    "\x1b[A\x1bOB\x1b[C\x1b[D": ["up", "down", "right", "left"],
    "\x1b[H\x1b[1~\x1b[F\x1b[4~\x1b[5~\x1b[6~\x1b[3~\x1b[2~": ["home", "home", "end", "end", "pageup", "pagedown", "delete", "insert"],
    "\x1bOP\x1b[11~\x1b[[A\x1b[15~\x1b[24~": ["f1", "f1", "f1", "f5", "f12"],
    "\x1b[1;5A\x1b[1;2C\x1b[1;3D\x1b[5;2~\x1b[1;6F": ["C-up", "S-right", "M-left", "S-pageup", "C-S-end"],
    "\x1b[Z": ["S-tab"],
    "\x1bx\x1b\r\x1b\x7f\x1b\x03": ["M-x", "M-enter", "M-backspace", "C-M-c"],
    "\x1b\x1b[A": ["M-up"],
    "\x1b[3$\x1b[3^\x1b[a\x1bOa": ["S-delete", "C-delete", "S-up", "C-up"],
    "\x1b[97u\x1b[97;5u\x1b[13;2u\x1b[27;5;13~\x1b[65;2u": ["a", "C-a", "S-enter", "C-enter", "A"],
    "\x1bOM\x1bOq": ["enter", "1"],
    "\x1b[<0;3;5M\x1b[<0;3;5m\x1b[<64;1;1M\x1b[<65;80;24Mq": ["press 2,4", "other 2,4", "up 0,0", "down 79,23", "q"],
    "\x1b[<35;3;5M\x1b[<2;3;5M\x1b[<16;3;5M": ["other 2,4", "other 2,4", "press 2,4"],
    "\x1b[M !!\x1b[M#!!\x1b[<0;0;1M\x1b[<;1M": ["press 0,0", "other 0,0"],
    // Answers of the terminal are no keys.
    "\x1b[?62;c\x1b]11;rgb:0000/0000/0000\x07\x1bP>|tmux 3.4\x1b\\q": ["answer 11;rgb:0000/0000/0000", "q"],
    "\x1b]11;rgb:ff/ff/ff\x1b\\\x1b]52;c;eA==\x07": ["answer 11;rgb:ff/ff/ff", "answer 52;c;eA=="],
    "\x1b[I\x1b[Oq": ["q"],
  };
  for (const [text, expected] of Object.entries(cases)) {
    t.same(keys(text), expected, JSON.stringify(text));
  }
});

t.test("what xterm counts of the mouse is told as well", async (t) => {
  t.same(openDecoder().feed("\x1b[<16;3;5M\x1b[<0;3;5m\x1b[<35;3;5M\x1b[M#!!"), [
    { kind: "mouse", mouse: { action: "press", column: 2, row: 4, code: 16 } },
    { kind: "mouse", mouse: { action: "other", column: 2, row: 4, code: 0, isRelease: true } },
    { kind: "mouse", mouse: { action: "other", column: 2, row: 4, code: 35 } },
    { kind: "mouse", mouse: { action: "other", column: 0, row: 0, code: 3, isRelease: true } },
  ]);
});

t.test("cut anywhere", async (t) => {
  const text = "a\x1b[1;5A漢\x1bOP\x1b[<0;3;5M\x1b[200~pas\x1b[Ate\x1b[201~\x1bx\x1b[[Bq";
  const whole = openDecoder().feed(text);
  for (let at = 1; at < text.length; at++) {
    const decoder = openDecoder();
    t.same([...decoder.feed(text.slice(0, at)), ...decoder.feed(text.slice(at))], whole, `after ${at}`);
  }
});

t.test("a paste is one message, as it was and as one line", async (t) => {
  const typed = openDecoder().feed("\x1b[200~two\r\nlines\x1b[31m\tq\x1b[201~q");
  t.same(typed.map(nameOf), ["paste", "q"]);
  t.match(typed[0], { key: { text: "two lines[31m q", pasted: "two\r\nlines\x1b[31m\tq" } });
});

t.test("only what may be the start of more waits", async (t) => {
  const decoder = openDecoder();
  t.same(decoder.feed("\x1b"), []);
  t.ok(decoder.isWaiting);
  t.same(decoder.feed("[A").map(nameOf), ["up"]);
  t.notOk(decoder.isWaiting);
  t.same(decoder.feed("\x1b["), []);
  t.notOk(decoder.isAnswering);
  t.same(decoder.settle().map(nameOf), ["M-["]);
  t.same(decoder.feed("\x1b]"), []);
  t.notOk(decoder.isAnswering, "Alt with a bracket");
  t.same(decoder.feed("1"), []);
  t.ok(decoder.isAnswering);
  t.same(decoder.feed("1;rgb:00/f"), []);
  t.ok(decoder.isAnswering);
  t.same(decoder.feed("q"), []);
  t.notOk(decoder.isAnswering, "keys are not swallowed for longer than by any cut sequence");
  t.same(decoder.settle(), [], "the rest never came");
});

t.test("any bytes come to an end, and text stays text", async () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("\x1b", "[", "O", "M", "<", ";", "1", "~", "]", "\x07", "a", "漢", "\r", "\0", "P", "\x9b")),
      (pieces) => {
        const decoder = openDecoder();
        for (const piece of pieces) decoder.feed(piece);
        decoder.settle();
        const after = decoder.feed("z").map(nameOf);
        return decoder.isWaiting || after.at(-1) === "z" || pieces.join("").includes("\x1b[");
      },
    ),
  );
});

t.test("two presses of a cell are a double one", async (t) => {
  const clicks = openClicks();
  const press = { action: "press", column: 3, row: 4 } as const;
  const actions = (atMs: number, column = 3) => clicks({ ...press, column }, atMs).map(({ action }) => action);
  t.same(
    [actions(0), actions(100), actions(200), actions(1000), actions(1100, 5)],
    [["press"], ["double"], ["press"], ["press"], ["press"]],
  );
});
