import t, { type Test } from "tap";
import { textOf } from "../../../tui/draw/cell.ts";
import { type Emulator, nearest, openEmulator } from "../../../tui/pane/emulator.ts";

function open(t: Test, columns = 20, rows = 4) {
  const answers: string[] = [];
  const emulator = openEmulator(
    { columns, rows },
    () => {},
    (text) => answers.push(text),
  );
  t.teardown(() => emulator[Symbol.dispose]());
  return { emulator, answers, write: (text: string) => new Promise<void>((read) => emulator.write(Buffer.from(text), read)) };
}

const lines = (emulator: Emulator) => emulator.screen().lines.map((line) => textOf(line).trimEnd());

t.test("text, styles and the cursor", async (t) => {
  const { emulator, write } = open(t);
  await write("plain \x1b[1;31mred\x1b[0m\r\n\x1b[38;5;200;48;2;255;255;255mtrue\x1b[7;4m!\x1b[0m 漢字e\u0301");
  t.same(lines(emulator).slice(0, 2), ["plain red", "true! 漢字e\u0301"]);
  t.match(emulator.screen().lines[0], [{ text: "plain " }, { text: "red", raw: { foreground: 1, background: -1, bold: true } }]);
  t.match(emulator.screen().lines[1], [
    { text: "true", raw: { foreground: 200, background: 231 } },
    { text: "!", raw: { inverse: true, underline: true } },
  ]);
  t.same(emulator.screen().cursor, { column: 11, row: 1 });
  await write("\x1b[?25l");
  t.equal(emulator.screen().cursor, undefined);
});

t.test("nothing but text leaves it: titles, clipboard, unfinished and foreign sequences", async (t) => {
  const { emulator, write } = open(t, 60);
  await write(
    "a\x1b]0;title\x07b\x1b]52;c;aGk=\x1b\\c\x1b]8;;http://x\x07d\x1b]8;;\x07e\x1bP+q544e\x1b\\f\x9b31mg\x1b_x\x1b\\h\x07\x05i\x1b[",
  );
  const [first = ""] = lines(emulator);
  t.notMatch(first, /[\x00-\x1f\x7f-\x9f]/);
  t.match(first, /^abcdef/);
  t.match(first, /i$/);
});

t.test("questions are answered to the program", async (t) => {
  const { answers, write } = open(t);
  await write("\x1b[c\x1b[6n");
  t.match(answers.join(""), /^\x1b\[\?.*c\x1b\[1;1R$/);
});

t.test("scrolling back, a full screen, modes and sizes", async (t) => {
  const { emulator, write } = open(t);
  await write(Array.from({ length: 30 }, (_, at) => `line ${at}`).join("\r\n"));
  t.equal(lines(emulator).at(-1), "line 29");
  emulator.scroll(-1);
  t.ok(emulator.screen().scrolled > 0);
  t.equal(emulator.screen().cursor, undefined);
  emulator.scroll(0);
  t.equal(emulator.screen().scrolled, 0);
  await write("\x1b[?1049h\x1b[?1h\x1b[?2004hfull");
  t.same(emulator.modes, { hasApplicationCursor: true, hasBracketedPaste: true, tracking: "none", isSgr: false, isFullScreen: true });
  emulator.resize({ columns: 10, rows: 2 });
  t.equal(emulator.screen().lines.length, 2);
  emulator.resize({ columns: 0, rows: 0 });
  t.equal(emulator.screen().lines.length, 1);
});

t.test("what of the mouse is asked for", async (t) => {
  const { emulator, write } = open(t);
  for (const [text, tracking, isSgr] of [
    ["\x1b[?9h", "x10", false],
    ["\x1b[?1000h\x1b[?1006h", "vt200", true],
    ["\x1b[?1002h", "drag", true],
    ["\x1b[?1003;1006h", "any", true],
    ["\x1b[?1006l", "any", false],
    ["\x1b[?1003l", "none", false],
    ["\x1b[?1003h\x1b[?1006h\x1b[?25l\x1bc", "none", false],
  ] as const) {
    await write(text);
    t.match(emulator.modes, { tracking, isSgr }, JSON.stringify(text));
    t.equal(emulator.screen().tracking, tracking);
  }
  t.ok(emulator.screen().cursor, "a reset shows the cursor again");
  await write("\x1b[?25l\x1b[!p");
  t.ok(emulator.screen().cursor);
});

t.test("the nearest of 256 colours", async (t) => {
  t.same([0x000000, 0xffffff, 0xff0000, 0x5f87af, 0x808080, 0x121212].map(nearest), [16, 231, 196, 67, 244, 233]);
});
