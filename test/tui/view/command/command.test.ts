import t from "tap";
import { textOf } from "../../../../tui/draw/cell.ts";
import { commandView, renderTook } from "../../../../tui/view/command/command.ts";
import { dialogIn, keyOf, makeEntry, makeSurroundings, openDialog, wordsOf } from "../../../fixture/dashboard.ts";

const commands = [
  makeEntry(["stop", "web"], { number: 1 }),
  makeEntry(["pull", "--dry-run", "bb"], { number: 2, place: "aside" }),
  makeEntry(["rm", "a b"], { number: 3, code: 1 }),
  makeEntry(["pull", "bb"], { number: 4, place: "watched", code: undefined }),
];
const around = makeSurroundings({ commands, nowMs: Date.UTC(2026, 0, 2, 11, 2, 5) });
const { initial, actions } = commandView;

t.test("newest first, with their ends in words", async (t) => {
  const lines = commandView.draw(initial, around).lines.map((line) => textOf(line).trimEnd());
  t.match(lines, [
    /#v TIME +COMMAND +END +TOOK/,
    /^> +4 \d\d:\d\d:\d\d tsns pull bb +runs +2 min 5 s$/,
    /^ +3 \d\d:\d\d:\d\d tsns rm 'a b' +failed \(1\) +1\.2 s$/,
    /^ +1 \d\d:\d\d:\d\d tsns stop web +done +1\.2 s$/,
  ]);
  t.same(lines.slice(4).join(""), "");
  t.match(textOf(commandView.draw(initial, makeSurroundings()).lines[1] ?? []), /nothing has been done yet/);
  t.equal(renderTook(59_940), "59.9 s");
});

t.test("run again, into the prompt, explained, ended", async (t) => {
  const perform = (name: string, list = initial) =>
    actions.find((action) => action.name === name)?.perform(commandView.targets(list, around), around) ?? [];
  t.same(wordsOf(perform("again")), [], "what changes something asks");
  const again = openDialog(dialogIn(perform("again")));
  t.equal(again.lines()[0], "Run it again?");
  t.match(again.press("y"), [{ kind: "close" }, { kind: "command", words: ["pull", "bb"], place: "watched" }]);
  const looked = makeSurroundings({ commands: [makeEntry(["ps", "-a"], { place: "watched" })] });
  const byName = (name: string) => actions.find((action) => action.name === name);
  t.same(wordsOf(byName("again")?.perform(commandView.targets(initial, looked), looked) ?? []), ["ps -a"]);
  const interrupt = openDialog(dialogIn(perform("interrupt")));
  t.same(interrupt.lines().slice(0, 3), ["Interrupt it, as Ctrl-C does?", "", "$ tsns pull bb"]);
  t.same(interrupt.press("n"), [{ kind: "close" }]);
  t.same(interrupt.press("y"), [{ kind: "close" }, { kind: "signal", number: 4, signal: "SIGINT" }]);
  const change = commandView.update(initial, { kind: "key", key: keyOf("down") }, around);
  t.match(perform("explain", change.state), [{ kind: "explain", commands: [["rm", "a b"]] }]);
  const enter = commandView.update(change.state, { kind: "key", key: keyOf("enter") }, around);
  t.equal(openDialog(dialogIn(enter.effects ?? [])).lines()[0], "> tsns rm 'a b'");
  t.equal(actions.find(({ name }) => name === "interrupt")?.refusal(commandView.targets(change.state, around)), "it has ended");
  t.match(perform("output", change.state), [{ kind: "open" }]);
});
