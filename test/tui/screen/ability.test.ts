import { readFileSync } from "node:fs";
import t from "tap";
import { abilityOf, refusalOf } from "../../../tui/screen/ability.ts";
import { parseTerminfo, type Terminfo } from "../../../tui/screen/terminfo.ts";
import { colourOf, themeOf } from "../../../tui/screen/theme.ts";

const infoOf = (term: string): Terminfo | undefined => parseTerminfo(readFileSync(`/lib/terminfo/${term[0]}/${term}`));
const few: Terminfo = { colours: 8, canMove: true, isAnsi: true, reset: "", old: Buffer.alloc(0) };

t.test("terminfo, in the format with numbers of 32 bits as well", async (t) => {
  t.match(infoOf("xterm-256color"), { colours: 256, canMove: true });
  t.match(infoOf("vt100"), { colours: 0, canMove: true });
  t.match(infoOf("linux"), { colours: 8, canMove: true });
  t.match(infoOf("dumb"), { canMove: false, reset: "" });
  t.match(infoOf("vt52"), { canMove: true, isAnsi: false });
  t.match(infoOf("linux"), { isAnsi: true, reset: "\x1b[?25h\x1b[?0c\x1b[m\x0f\x1b[4l\x1b[?7h" });
  t.match(infoOf("vt100"), { reset: "\x1b[m\x0f\x1b[?1l\x1b>\x1b[?7h" }, "without pauses");
  const wide = infoOf("screen-256color");
  t.same(wide && parseTerminfo(wide.old), wide, "what is made for blessed says the same");
  for (const data of [Buffer.alloc(0), Buffer.alloc(40), Buffer.from([0x1a, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255])]) {
    t.equal(parseTerminfo(data), undefined);
  }
});

t.test("terminals that are refused", async (t) => {
  t.match(refusalOf(undefined, undefined)?.message, /TERM is not set/);
  t.match(refusalOf("dumb", infoOf("dumb"))?.message, /dumb cannot move its cursor/);
  t.match(refusalOf("vt52", infoOf("vt52"))?.message, /vt52 has sequences unlike VT100's/);
  t.match(refusalOf("nonsense", undefined)?.message, /nonsense is unknown/);
  t.equal(refusalOf("xterm-kitty", undefined), undefined, "like xterm, whether this machine has heard of it or not");
  t.equal(refusalOf("vt100", infoOf("vt100")), undefined);
});

t.test("signs", async (t) => {
  const isUnicode = (env: Record<string, string>, isAscii = false) => abilityOf(env, few, { isAscii }).isUnicode;
  t.ok(isUnicode({ TERM: "xterm", LANG: "de_DE.UTF-8" }));
  t.ok(isUnicode({ TERM: "xterm", LANG: "C", LC_ALL: "C.utf8" }));
  t.notOk(isUnicode({ TERM: "xterm", LANG: "de_DE.UTF-8", LC_ALL: "C" }), "LC_ALL comes first");
  t.notOk(isUnicode({ TERM: "xterm", LANG: "C.UTF-8", LC_CTYPE: "POSIX" }));
  t.notOk(isUnicode({ TERM: "xterm" }));
  t.notOk(isUnicode({ TERM: "linux", LANG: "C.UTF-8" }));
  t.notOk(isUnicode({ TERM: "vt220", LANG: "C.UTF-8" }));
  t.notOk(isUnicode({ TERM: "xterm", LANG: "C.UTF-8" }, true));
});

t.test("colours", async (t) => {
  const colours = (env: Record<string, string>, info: Terminfo | undefined = few) => abilityOf(env, info).colours;
  t.equal(colours({ TERM: "xterm" }), 8);
  t.equal(colours({ TERM: "xterm" }, { ...few, colours: 16 }), 16);
  t.equal(colours({ TERM: "xterm", COLORTERM: "truecolor" }), 256);
  t.equal(colours({ TERM: "screen-256color" }), 256);
  t.equal(colours({ TERM: "linux", COLORTERM: "truecolor" }), 8, "inherited from another terminal");
  t.equal(colours({ TERM: "vt100", COLORTERM: "24bit" }, { ...few, colours: 0 }), 0);
  t.equal(colours({ TERM: "vt100" }, { ...few, colours: 0 }), 0);
  t.equal(colours({ TERM: "vt100" }, { ...few, colours: 2 }), 0);
  t.equal(colours({ TERM: "xterm", NO_COLOR: "1" }), 0);
  t.equal(colours({ TERM: "xterm", NO_COLOR: "" }), 8, "as no-color.org has it");
  t.equal(abilityOf({ TERM: "xterm" }, few, { theme: "none" }).colours, 0);
});

t.test("the background", async (t) => {
  const isLight = (pair: string) => abilityOf({ TERM: "xterm", COLORFGBG: pair }, few).isLight;
  t.same(["0;15", "0;default;15", "0;7", "15;0", "15;default", "7;8", ""].map(isLight), [true, true, true, false, false, false, false]);
  t.ok(abilityOf({ TERM: "xterm", COLORFGBG: "15;0" }, few, { theme: "light" }).isLight);
  t.notOk(abilityOf({ TERM: "xterm", COLORFGBG: "0;15" }, few, { theme: "dark" }).isLight);
});

/** Relative luminance of a colour of the 256, as WCAG reckons. */
function luminance(colour: number): number {
  const steps = [0, 95, 135, 175, 215, 255];
  const cube = colour - 16;
  const parts =
    colour >= 232
      ? Array(3).fill(8 + (colour - 232) * 10)
      : [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((at) => steps[at] ?? 0);
  const [red = 0, green = 0, blue = 0] = parts.map((part: number) =>
    part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const contrast = (one: number, other: number): number => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);

t.test("every colour can be read on its background", async (t) => {
  for (const isLight of [false, true]) {
    const theme = themeOf({ isUnicode: true, colours: 256, isLight });
    for (const role of [
      "dim",
      "accent",
      "good",
      "warning",
      "bad",
      "border",
      "focus",
      "marked",
      "series1",
      "series2",
      "series3",
      "series4",
    ] as const) {
      const colour = colourOf(theme, role) ?? -1;
      t.ok(colour >= 16, `${role} is none of those a terminal chooses`);
      t.ok(contrast(luminance(colour), isLight ? 1 : 0) >= 4.5, `${role} ${colour} on ${isLight ? "white" : "black"}`);
    }
  }
});

t.test("without colours weight alone", async (t) => {
  const theme = themeOf({ isUnicode: true, colours: 0, isLight: false });
  for (const role of ["plain", "dim", "chosen", "bad", "series1"] as const) t.equal(colourOf(theme, role), undefined);
  t.equal(theme.attributeOf(undefined, { foreground: 3, background: 4, bold: true }), theme.attributeOf("strong", undefined));
  t.not(theme.attributeOf("chosen", undefined), theme.attributeOf("plain", undefined));
});
