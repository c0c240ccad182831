import t from "tap";
import { promptEffects } from "../../../tui/dialog/command-line.ts";
import { formDialog, promptDialog } from "../../../tui/dialog/form.ts";
import { dialogIn, openDialog, wordsOf } from "../../fixture/dashboard.ts";

const prompt = (entered: readonly string[] = [], value = "") =>
  openDialog(
    promptDialog({
      title: "Name",
      field: { name: "name", title: "Name", value, hint: "one word" },
      history: "names",
      offer: (text) => (text === "" ? "write a name" : { commands: [["rename", "web", text]], place: "quiet" }),
    }),
    { entered: { names: entered } },
  );

t.test("a prompt", async (t) => {
  const dialog = prompt([], "web");
  t.same(dialog.lines(), ["> Name web", "one word", "$ tsns rename web web"]);
  t.same(dialog.cursor(), { column: 10, row: 0 });
  t.match(dialog.press("f2"), [{ kind: "explain", commands: [["rename", "web", "web"]], form: "plan" }]);
  dialog.press("C-u");
  t.same(dialog.press("enter"), []);
  t.same(dialog.lines().at(-1), "write a name");
  t.match(dialog.press("escape"), [{ kind: "close" }]);
});

t.test("what was entered before comes back", async (t) => {
  const dialog = prompt(["one", "two"]);
  dialog.type("dra");
  for (const [key, text] of [
    ["up", "two"],
    ["up", "one"],
    ["up", "one"],
    ["down", "two"],
    ["down", "dra"],
    ["down", "dra"],
  ] as const) {
    dialog.press(key);
    t.equal(dialog.lines()[0], `> Name ${text}`);
  }
});

t.test("a form: one field after the other, switches, its commands below", async (t) => {
  const dialog = openDialog(
    formDialog({
      title: "New",
      text: "A new one",
      fields: [
        { name: "name", title: "Name" },
        { name: "inner", title: "Inside only", isSwitch: true },
      ],
      offer: ({ name, inner }) => ({ commands: [["make", `${name}`, ...(inner === "yes" ? ["--inner"] : [])]], place: "quiet" }),
    }),
  );
  dialog.type("a b");
  dialog.press("tab");
  dialog.type("zz");
  t.same(dialog.lines(), ["A new one", "  Name        a b", "> Inside only [ ]", "", "$ tsns make 'a b'"]);
  t.equal(dialog.cursor(), undefined);
  dialog.press("space", "S-tab");
  t.same(wordsOf(dialog.press("enter")), ["make a b --inner"]);
});

t.test("where there is little room, the fields come first", async (t) => {
  const fields = ["a", "b", "c", "d", "e", "f"].map((name) => ({ name, title: name }));
  const form = formDialog({ title: "New", text: "A new one", fields, offer: () => "write something" });
  const dialog = openDialog(form, {}, { columns: 40, rows: 10 });
  dialog.press("enter");
  t.same(dialog.lines(), ["> a", "  b", "  c", "  d", "  e", "  f", "", "write something"]);
});

t.test("any command line", async (t) => {
  const dialog = openDialog(dialogIn(promptEffects()));
  t.same(wordsOf(dialog.press("enter")), []);
  dialog.type("ps 'a");
  dialog.press("enter");
  t.match(dialog.lines().at(-1), /not closed/);
  dialog.press("C-u");
  dialog.type("tsns ps -a");
  t.match(dialog.press("enter"), [
    { kind: "remember", field: "command", text: "tsns ps -a" },
    { kind: "close" },
    { kind: "command", words: ["ps", "-a"], place: "watched" },
  ]);
});
