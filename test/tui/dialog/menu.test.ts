import t from "tap";
import { containerActions } from "../../../tui/action/container.ts";
import { menuDialog } from "../../../tui/dialog/menu.ts";
import { containerRow, dialogIn, openDialog, runningRow, wordsOf } from "../../fixture/dashboard.ts";

const web = runningRow("web");

t.test("all actions, those that mean nothing with the reason", async (t) => {
  const dialog = openDialog(menuDialog("web", containerActions, [web]));
  t.match(dialog.lines(), { 0: /^> S +start +\(it runs\)$/, 1: /^ {2}s +stop$/ });
  t.match(dialog.press("enter"), [{ kind: "say", text: "start: it runs" }]);
  t.same(openDialog(dialogIn(dialog.press("down", "enter"))).lines()[0], "Stop web?");
  t.same(openDialog(dialogIn(dialog.press("r"))).lines()[0], "Restart web?", "keys of actions work here too");
  t.match(dialog.press("escape"), [{ kind: "close" }]);
});

t.test("what does not ask is run, and explained", async (t) => {
  const old = containerRow("old", { status: "exited" });
  const dialog = openDialog(menuDialog("old", containerActions, [old]));
  t.match(dialog.press("f2"), [{ kind: "explain", commands: [["start", "old"]] }]);
  t.match(dialog.press("enter"), [{ kind: "close" }, { words: ["start", "old"] }]);
});

t.test("what asks first explains itself there", async (t) => {
  const dialog = openDialog(menuDialog("web", containerActions, [web]));
  dialog.press("/");
  dialog.type("remove");
  t.match(dialog.press("f2"), [{ kind: "close" }, { kind: "open" }, { kind: "say", text: /F2/ }]);
});

t.test("finding", async (t) => {
  const dialog = openDialog(menuDialog("web", containerActions, [web]));
  dialog.press("/");
  dialog.type("terminal shell");
  t.match(dialog.lines(), [/exec a shell, whole terminal/]);
  dialog.type("zz");
  t.match(dialog.lines(), ["nothing is called so"]);
  t.same(dialog.press("enter", "enter"), []);
  dialog.press("/", "escape", "end");
  t.match(dialog.lines()[0], /start/);
});

t.test("a container that dies meanwhile", async (t) => {
  const dialog = openDialog(menuDialog("web", containerActions, [web]));
  const gone = containerRow("web", { status: "exited" }).container;
  dialog.tell({ fed: { containers: { containers: gone ? [gone] : [] } } });
  t.match(dialog.lines(), { 0: /^> S +start$/, 1: /^ {2}s +stop +\(it does not run\)$/ });
  t.same(wordsOf(dialog.press("s")), []);
  t.same(wordsOf(dialog.press("S")), ["start web"]);
});

t.test("the mouse chooses, and performs what is chosen", async (t) => {
  const dialog = openDialog(menuDialog("web", containerActions, [web]), {}, { columns: 80, rows: 12 });
  t.same(dialog.wheel("press", 1), []);
  t.same(openDialog(dialogIn(dialog.wheel("press", 1))).lines()[0], "Stop web?");
  dialog.wheel("down");
  dialog.wheel("down");
  dialog.wheel("down");
  t.match(dialog.lines()[8], /^> /);
});
