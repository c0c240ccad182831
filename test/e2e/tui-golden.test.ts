// The golden screens on a real terminal: what blessed makes of a drawing is that drawing, at each size, while it is resized, in ASCII, and
// without colours where none are wanted.
import t, { type Test } from "tap";
import { house } from "../../tui/house.ts";
import { golden, seeExactly, stageCommand } from "../fixture/golden-screen.ts";
import { openTerminal, type Terminal } from "../fixture/terminal.ts";
import { sizes } from "../tui/stage/scene.ts";

function open(t: Test, words: readonly string[], env: NodeJS.ProcessEnv = {}): Terminal {
  const { NO_COLOR: _, ...own } = process.env;
  return openTerminal(t, stageCommand(...words), {
    env: { ...own, TZ: "UTC", LANG: "C.UTF-8", XDG_STATE_HOME: t.testdir(), ...env },
    columns: 80,
    rows: 24,
  });
}

/** Charts are blessed-contrib's where there is Unicode. */
const charted: ReadonlySet<string> = new Set(["host"]);
const plain = house.views.map(({ name }, place) => ({ name, key: `${place + 1}` })).filter(({ name }) => !charted.has(name));

t.test("views at three sizes, resized while they are shown", async (t) => {
  const terminal = open(t, ["8"]);
  for (const { columns, rows } of sizes) {
    terminal.resize(columns, rows);
    for (const { name, key } of plain) {
      terminal.press(key);
      await seeExactly(t, terminal, golden(`view-${name}`).get(`${columns}x${rows}`), `${name} ${columns}x${rows}`);
    }
  }
  terminal.press("q");
  t.equal(await terminal.exitCode(), 0);
});

t.test("in ASCII, curves too, without a colour where none are wanted", async (t) => {
  const terminal = open(t, ["8", "ascii"], { NO_COLOR: "1" });
  for (const [place, { name }] of house.views.entries()) {
    terminal.press(`${place + 1}`);
    await seeExactly(t, terminal, golden(`view-${name}`).get("80x24 ASCII"), name);
    t.notMatch(terminal.styled(), /\x1b\[[\d;]*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]/, `${name} has no colour`);
  }
});
for (const count of [0, 1, 50, 500]) {
  t.test(`${count} containers`, async (t) => {
    const terminal = open(t, [`${count}`, "ascii"]);
    await seeExactly(t, terminal, golden(`count-${count}`).get("80x24 ASCII"), "at first");
    terminal.press("End");
    // what is waited for after Home stands on the screen before it too: the end has to be seen between them
    if (count > 1) await terminal.see(/^\|> (?!web )/m);
    terminal.press("Home");
    await seeExactly(t, terminal, golden(`count-${count}`).get("80x24 ASCII"), "to the end and back");
  });
}
