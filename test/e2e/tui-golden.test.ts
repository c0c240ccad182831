// The golden screens on a real terminal: what blessed makes of a drawing is that drawing, at each size, while it is resized, in ASCII, and
// without colours where none are wanted.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import { house } from "../../tui/house.ts";
import { openTerminal, type Terminal } from "../fixture/terminal.ts";
import { sizes } from "../tui/stage/scene.ts";

const checkout = fileURLToPath(new URL("../..", import.meta.url));
const node = join(checkout, "node_modules/.bin/node");
const main = join(checkout, "test/tui/stage/main.ts");

/** The golden screens of a scene by their headings. */
function golden(scene: string): ReadonlyMap<string, string> {
  const text = readFileSync(join(checkout, `test/tui/golden/${scene}.txt`), "utf8");
  return new Map(
    text
      .split(/^== /m)
      .slice(1)
      .map((part) => [part.slice(0, part.indexOf("\n")), part.slice(part.indexOf("\n") + 1).trimEnd()]),
  );
}

function open(t: Test, words: readonly string[], env: NodeJS.ProcessEnv = {}): Terminal {
  const { NO_COLOR: _, ...own } = process.env;
  return openTerminal(t, [node, main, ...words], {
    env: { ...own, TZ: "UTC", LANG: "C.UTF-8", XDG_STATE_HOME: t.testdir(), ...env },
    columns: 80,
    rows: 24,
  });
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Waits for exactly this screen; what differs is told as a difference. */
async function same(t: Test, terminal: Terminal, wanted: string | undefined, what: string): Promise<void> {
  await terminal.see(new RegExp(`^${escaped(wanted ?? "nothing is kept")}$`)).catch(() => undefined);
  t.equal(terminal.screen(), wanted, what);
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
      await same(t, terminal, golden(`view-${name}`).get(`${columns}x${rows}`), `${name} ${columns}x${rows}`);
    }
  }
  terminal.press("q");
  t.equal(await terminal.exitCode(), 0);
});

t.test("in ASCII, curves too, without a colour where none are wanted", async (t) => {
  const terminal = open(t, ["8", "ascii"], { NO_COLOR: "1" });
  for (const [place, { name }] of house.views.entries()) {
    terminal.press(`${place + 1}`);
    await same(t, terminal, golden(`view-${name}`).get("80x24 ASCII"), name);
    t.notMatch(terminal.styled(), /\x1b\[[\d;]*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]/, `${name} has no colour`);
  }
});
for (const count of [0, 1, 50, 500]) {
  t.test(`${count} containers`, async (t) => {
    const terminal = open(t, [`${count}`, "ascii"]);
    await same(t, terminal, golden(`count-${count}`).get("80x24 ASCII"), "at first");
    terminal.press("End", "Home");
    await same(t, terminal, golden(`count-${count}`).get("80x24 ASCII"), "to the end and back");
  });
}
