import t from "tap";
import { choiceDialog, type Option } from "../../../tui/dialog/choice.ts";
import { openDialog, wordsOf } from "../../fixture/dashboard.ts";

const many: readonly Option[] = Array.from({ length: 40 }, (_, at) => ({ name: `net${at}`, note: at % 2 === 0 ? "even" : "odd" }));

const open = (options: readonly Option[] | undefined) =>
  openDialog(
    choiceDialog({
      title: "Network",
      text: "Which?",
      options: () => options,
      empty: "none yet",
      offer: ({ name }) => ({ commands: [["network", "connect", name, "web"]], place: "quiet" }),
    }),
  );

t.test("moving and finding", async (t) => {
  const dialog = open(many);
  t.match(dialog.lines(), ["Which?", "/", /^> net0 +even/, /^ {2}net1 +odd/]);
  dialog.press("pagedown", "pagedown", "up");
  t.match(wordsOf(dialog.press("enter")), ["network connect net23 web"]);
  dialog.type("3 odd");
  t.match(dialog.lines()[2], /^> net3 /);
  dialog.press("down", "down");
  t.match(dialog.lines().at(-1), "$ tsns network connect net23 web");
  t.match(dialog.press("f2"), [{ kind: "explain", commands: [["network", "connect", "net23", "web"]] }]);
  dialog.type(" nothing");
  t.equal(dialog.lines()[2], "  none is called so");
  t.same(dialog.press("enter", "f2"), []);
  t.same(dialog.press("escape"), [{ kind: "close" }]);
});

t.test("the mouse chooses", async (t) => {
  const dialog = open(many);
  dialog.wheel("press", 4);
  t.match(dialog.lines()[4], /^> net2 /);
  dialog.wheel("down");
  t.same(wordsOf(dialog.press("enter")), ["network connect net5 web"]);
  dialog.wheel("press", 0);
  t.same(wordsOf(dialog.press("enter")), ["network connect net5 web"]);
});

t.test("nothing to choose from", async (t) => {
  t.equal(open(undefined).lines()[2], "  reading ...");
  t.equal(open([]).lines()[2], "  none yet");
});
