// The dashboard on terminals of each kind: the screen is the golden one, and no byte goes there that terminfo does not know for it.
import t from "tap";
import { golden, seeExactly, stageCommand } from "../fixture/golden-screen.ts";
import { openTerminal } from "../fixture/terminal.ts";
import { kindOf, misunderstood } from "../fixture/terminfo.ts";

/** What entries of xterm and its like do not tell in full: modes of mouse, pasting and the other screen, and the question for the background. */
const xtermModes = ["\\x1b\\[\\?(?:1000|1006|1049|2004)[hl]", "\\x1b\\]11;\\?\\x1b\\\\"];

interface Terminal {
  readonly term: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly isPoor?: boolean;
  /** Where the machine may have no entry for it. */
  readonly like?: string;
}

const terminals: readonly Terminal[] = [
  { term: "vt100", env: { COLORTERM: "truecolor" }, isPoor: true },
  { term: "linux", env: { COLORTERM: "truecolor" }, isPoor: true },
  { term: "screen" },
  { term: "tmux-256color" },
  { term: "xterm" },
  { term: "xterm-256color" },
  { term: "xterm-direct", env: { COLORTERM: "truecolor" }, like: "xterm-256color" },
];

t.jobs = 2;

for (const { term, env = {}, isPoor = false, like = term } of terminals) {
  t.test(term, { buffered: true }, async (t) => {
    const words = Object.entries({ TERM: term, ...env }).map(([name, value]) => `${name}=${value}`);
    const begun = ["sh", "-c", 'read -r _; exec "$@"', "sh", "env", "-u", "COLORTERM", ...words, ...stageCommand("8")];
    const { NO_COLOR: _, COLORFGBG: __, ...own } = process.env;
    const terminal = openTerminal(t, begun, { env: { ...own, TZ: "UTC", LANG: "C.UTF-8", XDG_STATE_HOME: t.testdir() } });
    const recording = terminal.record();
    terminal.press("Enter");
    const size = isPoor ? "80x24 ASCII" : "80x24";
    for (const [key, scene] of [
      ["1", "view-containers"],
      ["2", "view-images"],
      ["6", "view-events"],
    ] as const) {
      terminal.press(key);
      await seeExactly(t, terminal, golden(scene).get(size), scene);
    }
    terminal.press("1");
    for (const [keys, scene] of [
      ["x", "menu"],
      ["?", "help"],
      ["d", "confirm"],
      [":stop web", "command-line"],
    ] as const) {
      terminal.type(keys);
      await seeExactly(t, terminal, golden(scene).get(size), scene);
      // Alone: what follows at once would make another key of it.
      terminal.press("Escape");
      await seeExactly(t, terminal, golden("view-containers").get(size), `${scene} is gone`);
    }
    terminal.press("5");
    await terminal.see(/\[5 Host\]/);
    terminal.resize(100, 30);
    terminal.press("1");
    await terminal.see(isPoor ? /\+- Containers -{30}/ : /┌─ Containers ─{30}/);
    terminal.press("q");
    t.equal(await terminal.exitCode(), 0);
    const raw = (await recording.end()).toString();
    t.ok(raw.length > 5000, `recorded ${raw.length} characters`);
    t.same(misunderstood(raw, kindOf(like, isPoor ? [] : xtermModes)), []);
    if (isPoor) t.match(raw, /^[\x00-\x7f]*$/, "characters that its font has");
  });
}
