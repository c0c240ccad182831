import t from "tap";
import { leaveEffects } from "../../../tui/dialog/leave.ts";
import { dialogIn, makeEntry, openDialog } from "../../fixture/dashboard.ts";

const runs = { code: undefined };
const commands = [
  makeEntry(["rm", "old"], { number: 1 }),
  makeEntry(["stop", "web"], { number: 2, ...runs }),
  makeEntry(["pull", "--dry-run", "bb"], { number: 3, place: "aside", ...runs }),
  makeEntry(["exec", "-it", "web", "sh"], { number: 4, place: "pane", ...runs }),
  makeEntry(["network", "connect", "front", "a"], { number: 5, isWaiting: true, ...runs }),
  makeEntry(["network", "connect", "front", "b"], { number: 6, isWaiting: true, ...runs }),
];

t.test("nothing is asked where nothing is under way", async (t) => {
  t.same(leaveEffects([]), [{ kind: "quit" }]);
  t.same(leaveEffects(commands.filter(({ number }) => number === 1 || number === 3)), [{ kind: "quit" }]);
});

t.test("each is named, with what becomes of it", async (t) => {
  const dialog = openDialog(dialogIn(leaveEffects(commands)), { commands });
  t.same(dialog.lines(), [
    "Leave while 2 commands run and 2 wait for their turn?",
    "",
    "goes on to its end, which nobody is told of:",
    "$ tsns stop web",
    "is hung up with its pane:",
    "$ tsns exec -it web sh",
    "are not started:",
    "$ tsns network connect front a",
    "$ tsns network connect front b",
    "",
    "y q leave   n no",
  ]);
  dialog.tell({ commands: commands.slice(0, 3) });
  t.equal(dialog.lines()[0], "Leave while 1 command runs?", "as it is by now");
  dialog.tell({ commands: commands.slice(0, 1) });
  t.equal(dialog.lines()[0], "All commands have ended by now. Leave?");
});

t.test("answers: the keys that led here lead on", async (t) => {
  const open = () => openDialog(dialogIn(leaveEffects(commands)), { commands });
  for (const key of ["y", "enter", "q", "C-c", "f10"]) t.same(open().press(key), [{ kind: "close" }, { kind: "quit" }], key);
  for (const key of ["n", "escape"]) t.same(open().press(key), [{ kind: "close" }], key);
  t.same(open().press("z", "1"), []);
});

t.test("hundreds are scrolled", async (t) => {
  const many = Array.from({ length: 300 }, (_, at) => makeEntry(["rm", `c${at}`], { number: at, isWaiting: true, ...runs }));
  const dialog = openDialog(dialogIn(leaveEffects(many)), { commands: many });
  t.match(dialog.lines()[0], "Leave while 300 wait for their turn?");
  dialog.press("end");
  t.match(dialog.lines().join("\n"), /c299\n\d+-301 of 301\n/);
});
