import t from "tap";
import { spellings, tree } from "../../../cmds/tree.ts";
import { commandLength, hasPlan, needsTerminal, planWords, splitWords } from "../../../tui/model/words.ts";

t.test("the words of every command are known, and whether it has a plan", async (t) => {
  const wrong: string[] = [];
  for (const entry of tree) {
    const { command } = await entry.load();
    for (const spelling of spellings(entry)) {
      const words = [...spelling.split(" "), "one", "two"];
      if (commandLength(words) !== words.length - 2) wrong.push(`${spelling}: length ${commandLength(words)}`);
      if (entry.topic && hasPlan(words) !== (command.changes === true)) wrong.push(`${spelling}: plan ${hasPlan(words)}`);
    }
  }
  t.same(wrong, []);
  t.equal(commandLength(["port", "add"]), 1, "a container with the name of a verb");
  t.equal(commandLength(["system"]), 1);
  t.equal(hasPlan([]), false);
});

t.test("--dry-run stands before what belongs to a container", async (t) => {
  t.same(planWords(["run", "-it", "bb", "sh"], "plan"), ["run", "--dry-run", "-it", "bb", "sh"]);
  t.same(planWords(["network", "rm", "a"], "script"), ["network", "rm", "--dry-run", "--explain=sh", "a"]);
});

t.test("words as a shell splits them", async (t) => {
  for (const [text, words] of [
    ["ps -a", ["ps", "-a"]],
    ["  tsns   ps ", ["ps"]],
    ["", []],
    [`run 'a b' "c 'd" e\\ f ''`, ["run", "a b", "c 'd", "e f", ""]],
    [`exec x sh -c "echo \\"hi\\" \\$HOME \\n"`, ["exec", "x", "sh", "-c", 'echo "hi" $HOME \\n']],
    ["a'b'\"c\"", ["abc"]],
    ["label=世界", ["label=世界"]],
  ] as const) {
    t.same(splitWords(text), { words }, text);
  }
  for (const text of ["ps | less", "a; b", "x > y", "x &", "'open", '"open', "end\\"]) t.ok("problem" in splitWords(text), text);
});

t.test("what talks with a person gets the terminal", async (t) => {
  for (const text of [
    "run -it bb sh",
    "run --rm -ti bb sh",
    "exec -i x sh",
    "exec --tty x sh",
    "container exec -it x sh",
    "attach x",
    "login",
    "system prune",
    "image prune -a",
    "stats",
    "top",
    "start -ai x",
    "ns enter x",
  ])
    t.ok(needsTerminal(text.split(" ")), text);
  for (const text of [
    "ps",
    "run -d bb sh -it",
    "run bb sh",
    "run -e TERM bb ls -it",
    "exec x ls -ti",
    "start x",
    "system prune -f",
    "prune --dry-run",
    "stats --no-stream",
    "top web",
    "logs -f x",
    "pull bb",
    "",
  ])
    t.notOk(needsTerminal(text.split(" ").filter((word) => word !== "")), text);
});
