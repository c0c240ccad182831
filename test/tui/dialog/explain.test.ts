import t from "tap";
import { explainDialogEffects } from "../../../tui/dialog/explain.ts";
import { dialogIn, makeEntry, openDialog } from "../../fixture/dashboard.ts";

t.test("the plan of each command, and its script", async (t) => {
  const effects = explainDialogEffects(
    [
      ["stop", "web"],
      ["attach", "web"],
    ],
    "plan",
  );
  t.match(effects, [
    { kind: "open" },
    { kind: "command", words: ["stop", "--dry-run", "web"], place: "aside", label: "stop --dry-run web" },
  ]);
  t.equal(effects.length, 2, "what has no plan is not asked for one");
  const dialog = openDialog(dialogIn(effects));
  t.same(dialog.lines().slice(0, 5), [
    "$ tsns stop web",
    "...",
    "",
    "$ tsns attach web",
    "it has no plan to show: it changes nothing itself (no --dry-run)",
  ]);
  const plan = makeEntry(["stop", "--dry-run", "web"], {
    place: "aside",
    label: "stop --dry-run web",
    output: "1.  process.signal  ends it\n",
  });
  dialog.tell({ commands: [plan] });
  t.equal(dialog.lines()[1], "1.  process.signal  ends it");
  t.match(dialog.press("s"), [{ words: ["stop", "--dry-run", "--explain=sh", "web"], place: "aside" }]);
  t.equal(dialog.lines()[1], "...");
  t.match(dialog.press("s"), [{ words: ["stop", "--dry-run", "web"] }]);
  t.equal(dialog.lines()[1], "1.  process.signal  ends it");
  t.same(dialog.press("escape"), [{ kind: "close" }]);
});

t.test("a refusal and nothing to do are told", async (t) => {
  const [words, label] = [["stop", "--dry-run", "web"], "stop --dry-run web"];
  const refused = makeEntry(words, { place: "aside", label, output: "tsns: No such container: web\n", code: 1 });
  const dialog = openDialog(dialogIn(explainDialogEffects([["stop", "web"]], "plan")), { commands: [refused] });
  t.same(dialog.lines().slice(1, 3), ["tsns: No such container: web", "it ended with 1"]);
  dialog.tell({ commands: [makeEntry(words, { place: "aside", label })] });
  t.equal(dialog.lines()[1], "nothing would be done");
});
