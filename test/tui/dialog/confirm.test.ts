import t from "tap";
import { confirmDialog } from "../../../tui/dialog/confirm.ts";
import type { Surroundings } from "../../../tui/model/part.ts";
import { makeEntry, openDialog, wordsOf } from "../../fixture/dashboard.ts";

const names = Array.from({ length: 60 }, (_, at) => `c${at}`);

t.test("more than there is room for is scrolled", async (t) => {
  const dialog = openDialog(
    confirmDialog({ text: "Remove 60 containers?", hits: names, commands: () => [["rm", ...names]], place: "quiet" }),
  );
  t.equal(dialog.size().rows, 24);
  const first = dialog.lines();
  t.equal(first[0], "Remove 60 containers?");
  t.equal(first[2], "  c0");
  t.match(first.join("\n"), /1-\d+ of 60\n/);
  t.match(first.at(-1), /y yes {3}n no/);
  dialog.press("end");
  t.match(dialog.lines().join("\n"), /c59\n\d+-60 of 60\n/);
  dialog.press("pageup", "k");
  dialog.wheel("up");
  t.notMatch(dialog.lines().join("\n"), /^ {2}c59$/m);
  t.equal(wordsOf(dialog.press("y"))[0], `rm ${names.join(" ")}`);
});

t.test("answers", async (t) => {
  const open = () =>
    openDialog(
      confirmDialog({
        text: "Sure?",
        commands: () => [
          ["rm", "a"],
          ["rm", "b"],
        ],
        place: "watched",
      }),
    );
  t.same(open().lines(), ["Sure?", "", "$ tsns rm a", "$ tsns rm b", "", "y yes   n no   F2 explain"]);
  for (const key of ["n", "escape", "q", "C-c"]) t.same(open().press(key), [{ kind: "close" }], key);
  for (const key of ["f2", "!"])
    t.match(
      open().press(key),
      [
        {
          kind: "explain",
          commands: [
            ["rm", "a"],
            ["rm", "b"],
          ],
        },
      ],
      key,
    );
  t.same(open().press("z", "v"), []);
  t.match(open().press("enter"), [{ kind: "close" }, { words: ["rm", "a"], place: "watched" }, { words: ["rm", "b"] }]);
});

t.test("names act on no terminal, and a small screen is enough", async (t) => {
  const dialog = openDialog(
    confirmDialog({ text: "Remove 2?", hits: ["\x1b[2Jevil", "b"], commands: () => [["rm", "\x1b[2Jevil", "b"]], place: "quiet" }),
    {},
    { columns: 40, rows: 10 },
  );
  t.match(dialog.lines().join("\n"), /\\x1b\[2Jevil/);
  t.match(dialog.lines().at(-1), /y yes/);
  t.ok(dialog.lines().length <= 8);
});

t.test("a preview of nothing leaves nothing to say yes to", async (t) => {
  const words = ["volume", "prune", "--dry-run"];
  const label = words.join(" ");
  const open = (commands: Surroundings["commands"]) =>
    openDialog(
      confirmDialog({ text: "Remove?", commands: () => [["volume", "prune", "--force"]], preview: () => words, place: "watched" }),
      { commands },
    );
  const empty = open([makeEntry(words, { place: "aside", label })]);
  t.same(empty.lines(), ["Remove?", "", "nothing would be done", "", "", "Esc away"]);
  t.same(empty.press("y", "enter"), []);
  t.same(empty.press("escape"), [{ kind: "close" }]);
  for (const entry of [
    makeEntry(words, { place: "aside", label, output: "1.  volume a\n" }),
    makeEntry(words, { place: "aside", label, code: undefined }),
    makeEntry(words, { place: "aside", label, code: 1 }),
  ]) {
    const dialog = open([entry]);
    t.match(dialog.lines().at(-1), /y yes/);
    t.same(wordsOf(dialog.press("y")), ["volume prune --force"]);
  }
});
