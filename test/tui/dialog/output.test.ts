import t from "tap";
import { outputDialog } from "../../../tui/dialog/output.ts";
import { makeEntry, openDialog } from "../../fixture/dashboard.ts";

const lines = (count: number) => Array.from({ length: count }, (_, at) => `line ${at}\n`).join("");
const running = (output: string) => makeEntry(["pull", "bb"], { number: 7, output, code: undefined });

t.test("it follows the output as it comes", async (t) => {
  const dialog = openDialog(outputDialog(7), { commands: [running(lines(3))] });
  t.same(dialog.lines().slice(0, 4), ["$ tsns pull bb", "line 0", "line 1", "line 2"]);
  t.match(dialog.lines().at(-1), /^runs +Esc away +C-c end it/);
  dialog.tell({ commands: [running(lines(100))] });
  t.match(dialog.lines(), { 15: "line 99", 16: "86-100 of 100" });
  dialog.press("up");
  dialog.tell({ commands: [running(lines(200))] });
  t.match(dialog.lines(), { 15: "line 98" }, "unless one has gone back");
  dialog.press("end");
  dialog.tell({ commands: [running(lines(300))] });
  t.match(dialog.lines(), { 15: "line 299" });
  dialog.press("home");
  t.match(dialog.lines(), { 1: "line 0" });
});

t.test("Esc hides it, Ctrl-C ends the command", async (t) => {
  const dialog = openDialog(outputDialog(7), { commands: [running("")] });
  t.same(dialog.press("escape"), [{ kind: "close" }]);
  t.same(dialog.press("C-c"), [{ kind: "signal", number: 7, signal: "SIGINT" }]);
  dialog.tell({ commands: [makeEntry(["pull", "bb"], { number: 7, code: 130, signal: "SIGINT", output: "x\x1b[31my" })] });
  t.match(dialog.lines(), { 1: "xy" });
  t.match(dialog.lines().at(-1), /^ended by SIGINT \(130\)/);
  t.same(dialog.press("C-c"), [{ kind: "close" }]);
  dialog.tell({ commands: [] });
  t.match(dialog.lines(), ["it is not remembered any more"]);
});

t.test("long lines are wrapped, dropped ones told of", async (t) => {
  const dialog = openDialog(outputDialog(7), { commands: [running(`${"word ".repeat(30)}\n`)] });
  t.match(dialog.lines(), { 1: /^word .* word$/, 2: /^word/ });
  dialog.tell({ commands: [running(lines(2005))] });
  dialog.press("home");
  t.equal(dialog.lines()[1], "(5 lines before these are not kept)");
});
