import t from "tap";
import { textOf } from "../../../tui/draw/cell.ts";
import { asciiGlyphs } from "../../../tui/draw/glyph.ts";
import { drawScreen } from "../../../tui/draw/screenful.ts";
import { house } from "../../../tui/house.ts";
import { renderCommand } from "../../../tui/model/action.ts";
import { listedCommands } from "../../../tui/model/command-list.ts";
import type { CommandPlace, Effect } from "../../../tui/model/effect.ts";
import { renderEnd } from "../../../tui/model/outcome.ts";
import { initialState, type State } from "../../../tui/model/state.ts";
import { update } from "../../../tui/model/update.ts";
import { keyOf } from "../../fixture/dashboard.ts";

const fresh = initialState(house, { columns: 80, rows: 24 }, asciiGlyphs, 0);

const start = (state: State, number: number, words: readonly string[], place: CommandPlace, label?: string): State =>
  update(house, state, { kind: "command.started", number, words, place, label, atMs: 1000 }).state;
const say = (state: State, number: number, text: string): State => update(house, state, { kind: "command.output", number, text }).state;
const end = (state: State, number: number, code: number, signal?: string): State =>
  update(house, state, { kind: "command.ended", number, code, signal, atMs: 2000 }).state;

function press(state: State, ...keys: readonly string[]): { readonly state: State; readonly effects: readonly Effect[] } {
  let now = state;
  const effects: Effect[] = [];
  for (const key of keys) {
    const updated = update(house, now, { kind: "key", key: keyOf(key) });
    now = updated.state;
    effects.push(...updated.effects);
  }
  return { state: now, effects };
}

t.test("the end of a command in one line", async (t) => {
  const started = start(fresh, 1, ["stop", "web"], "quiet");
  t.match(started.said, { text: "tsns stop web ...", role: "plain" });
  t.match(end(started, 1, 0).said, { text: "tsns stop web: done", role: "good" });
  t.match(end(say(started, 1, "tsns: No such container: web (tsns ps -a lists them)\n"), 1, 1).said, {
    text: "tsns stop web: No such container: web (tsns ps -a lists them)",
    role: "bad",
  });
  t.match(end(started, 1, 137, "SIGKILL").said, { text: "tsns stop web: ended by SIGKILL (137)", role: "bad" });
  t.equal(renderEnd({ place: "quiet" }), "runs");
  t.equal(renderEnd({ place: "quiet", code: 127 }), "not found (127)");
  t.equal(renderEnd({ place: "terminal", code: 127 }), "ended with 127", "it may be that of a program in a container");
});

t.test("a watched command shows its output, one for a dialog is not listed", async (t) => {
  const watched = start(fresh, 1, ["pull", "bb"], "watched");
  t.equal(watched.dialogs.length, 1);
  t.equal(press(watched, "escape").state.dialogs.length, 0);
  t.same(press(watched, "C-c").effects, [{ kind: "signal", number: 1, signal: "SIGINT" }]);
  const aside = end(start(watched, 2, ["stop", "--dry-run", "web"], "aside", "x"), 2, 1);
  t.equal(aside.said, watched.said);
  t.same(
    listedCommands(aside.commands).map(({ number }) => number),
    [1],
  );
});

t.test("what is remembered is bounded, what runs is kept", async (t) => {
  let state = start(fresh, 1, ["logs", "-f", "web"], "quiet");
  for (let number = 2; number < 300; number++) state = end(start(state, number, ["ps"], number % 2 ? "aside" : "quiet"), number, 0);
  t.equal(state.commands[0]?.number, 1);
  t.ok(state.commands.length <= 200);
  t.equal(state.commands.filter(({ place }) => place === "aside").length, 8);
});

t.test("one that waits is listed, started in its place, and asked for before the end", async (t) => {
  const wait = (state: State, number: number, words: readonly string[]): State =>
    update(house, state, { kind: "command.waiting", number, words, place: "quiet", atMs: 500 }).state;
  const waiting = wait(wait(start(fresh, 1, ["rm", "a"], "quiet"), 2, ["rm", "b"]), 3, ["rm", "c"]);
  t.match(waiting.said?.text, "tsns rm a ...", "nothing is said of what waits");
  t.same(waiting.commands.map(renderEnd), ["runs", "waits", "waits"]);
  t.match(drawScreen(house, waiting).lines.map(textOf)[0], /1 command runs, 2 wait/);
  const going = start(end(waiting, 1, 0), 2, ["rm", "b"], "quiet");
  t.same(going.commands.map(renderEnd), ["done", "runs", "waits"]);
  t.equal(going.commands[1]?.startedMs, 1000);
  const off = end(going, 3, 130);
  t.match(off.said, { text: "tsns rm c: not started", role: "plain" });
  t.equal(off.commands[2]?.code, 130);
  const asked = press(going, "q");
  t.same(asked.effects, []);
  t.match(drawScreen(house, asked.state).lines.map(textOf).join("\n"), /Leave while 1 command runs and 1 waits for its turn\?/);
  t.equal(press(asked.state, "n").state.dialogs.length, 0);
  t.same(press(asked.state, "C-c").effects, [{ kind: "quit" }]);
  t.same(press(end(off, 2, 0), "q").effects, [{ kind: "quit" }]);
});

t.test("a prompt for any command, whose words are remembered", async (t) => {
  const typed = press(fresh, ":", "p", "s", "enter");
  t.match(typed.effects, [{ kind: "command", words: ["ps"], place: "watched" }]);
  t.equal(typed.state.dialogs.length, 0);
  const again = press(typed.state, ":", "up");
  t.match(drawScreen(house, again.state).lines.map(textOf).join("\n"), /> tsns ps /);
});

t.test("explain asks tsns and shows what it says", async (t) => {
  const asked = press(fresh, ":", ..."rm web", "f2");
  t.match(asked.effects, [{ kind: "command", words: ["rm", "--dry-run", "web"], place: "aside", label: "rm --dry-run web" }]);
  const told = end(say(start(asked.state, 1, ["rm", "--dry-run", "web"], "aside", "rm --dry-run web"), 1, "1.  tree.remove\n"), 1, 0);
  t.match(drawScreen(house, told).lines.map(textOf).join("\n"), /What it would do[^\n]*\n.*\n.*1\. {2}tree\.remove/);
  const back = press(told, "escape");
  t.match(drawScreen(house, back.state).lines.map(textOf).join("\n"), /> tsns rm web/, "the prompt is still there");
});

t.test("a key of an action that means nothing says why", async (t) => {
  const { state, effects } = press(fresh, "s");
  t.same(effects, []);
  t.equal(state.said?.text, "stop: nothing is chosen");
});

t.test("commands as a shell reads them", async (t) => {
  t.equal(renderCommand(["run", "bb", "sh", "-c", "echo 'a' > b"]), "tsns run bb sh -c 'echo '\\''a'\\'' > b'");
  t.equal(renderCommand(["rm", ""]), "tsns rm ''");
});
