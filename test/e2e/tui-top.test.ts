// `tsns top` on a terminal: the processes of all containers as they come and go, ordered, filtered, signalled; the terminal is given back.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { image, makeBusyboxRoot } from "../fixture/busybox-scenario.ts";
import { command, type DataRoot } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { openTerminal, type Terminal } from "../fixture/terminal.ts";
import { waitFor } from "../fixture/wait.ts";

const run = (root: DataRoot, name: string, ...words: readonly string[]) =>
  root.ok(["run", "-d", "--name", name, "--network", "none", image, ...words]);

/** Two processes, which have their arguments only once they are what they are to become. */
const runTwo = (root: DataRoot, name: string) => run(root, name, "sh", "-c", '"$0" 1003 & exec "$0" 1002', "sleep");

/** Commands of the rows from above, as far as they are those of this test. */
const order = (terminal: Terminal): readonly string[] => [...terminal.screen().matchAll(/sleep (\d+)/g)].map(([, number = ""]) => number);

async function comeAndGo(t: Test, root: DataRoot, terminal: Terminal): Promise<void> {
  await terminal.see(/sleep 1001/);
  await runTwo(root, "second");
  await terminal.see(/ second .*sleep 1002/);
  await terminal.see(/ second .*sleep 1003/);
  await root.ok(["rm", "-f", "second"]);
  await waitFor("its rows to go", () => !terminal.screen().includes(" second "));
  t.match(terminal.screen(), /sleep 1001/);
  await runTwo(root, "second");
  await waitFor("all rows", () => order(terminal).length === 3);
}

async function sorted(t: Test, terminal: Terminal): Promise<void> {
  terminal.press("N");
  await terminal.see(/PID ?[▲▼]/);
  const before = order(terminal);
  t.same([...before].sort(), ["1001", "1002", "1003"]);
  terminal.press("I");
  await waitFor("the order to be turned round", () => order(terminal).join() === [...before].reverse().join());
  for (const [key, title] of [
    ["P", "CPU"],
    ["M", "MEM"],
    ["T", "TIME"],
  ] as const) {
    terminal.press(key);
    await terminal.see(new RegExp(`${title}[^\\n]{0,6}▼`));
  }
  terminal.press("t");
  await terminal.see(/[├└]─[^\n]*sleep 1003/);
  terminal.press("t");
  await waitFor("the list", () => !/[├└]─[^\n]*sleep/.test(terminal.screen()));
  terminal.press("/");
  terminal.type("1003");
  await waitFor("what is filtered", () => order(terminal).join() === "1003");
  terminal.press("Enter");
}

async function killed(t: Test, root: DataRoot, terminal: Terminal): Promise<void> {
  terminal.press("?");
  const [help] = await terminal.see(/[\s\S]*kill a process[\s\S]*Everywhere[\s\S]*quit/);
  t.notMatch(help, /1-1 +view/, "there is one view alone");
  terminal.press("Escape");
  await waitFor("the help to go", () => !terminal.screen().includes("Everywhere"));
  terminal.press("K");
  await terminal.see(/tsns kill --process \d+[^\n]* second/);
  terminal.press("Escape");
  await waitFor("the question to go", () => !terminal.screen().includes("tsns kill"));
  t.match(await root.ok(["top", "second"]), /sleep 1003/, "who does not answer changes nothing");
  terminal.press("F9");
  await terminal.see(/tsns kill --process \d+[^\n]* second/);
  terminal.press("Enter");
  await waitFor("its end", async () => !(await root.ok(["top", "second"])).includes("sleep 1003"));
  await waitFor("its row to go", () => order(terminal).length === 0);
  t.match(await root.ok(["top", "second"]), /sleep 1002/, "the others run on");
  terminal.press("Escape");
  await waitFor("all rows", () => order(terminal).length === 2);
}

t.test("tsns top on a terminal", { ...needRoot, buffered: true }, async (t) => {
  const root = await makeBusyboxRoot(t);
  await run(root, "first", "sleep", "1001");
  const folder = t.testdir({});
  const terminal = openTerminal(t, ["bash", "--norc"], { env: root.env({ env: { PS1: "> " } }), cwd: folder, columns: 120, rows: 30 });
  const enter = (line: string) => {
    terminal.type(line);
    terminal.press("Enter");
  };
  await terminal.see(/^>/);
  enter("clear; echo former text; stty -a > before");
  await terminal.see(/^former text$/m);
  enter(`'${command}' top`);
  await t.test("rows come and go with their containers", (t) => comeAndGo(t, root, terminal));
  await t.test("keys of htop order, show a tree, filter", (t) => sorted(t, terminal));
  await t.test("a process is signalled after a question", (t) => killed(t, root, terminal));
  await t.test("the terminal is as it was", async (t) => {
    terminal.press("q");
    await terminal.see(/^former text$/m);
    enter("echo ended $?; stty -a > after; echo done");
    const [screen] = await terminal.see(/[\s\S]*^done$/m);
    t.match(screen, /^ended 0$/m);
    t.notMatch(screen, /sleep 100/);
    const modes = (name: string) => readFileSync(join(folder, name), "utf8");
    t.equal(modes("after"), modes("before"));
  });
});
