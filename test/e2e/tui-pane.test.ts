// Programs started from the dashboard: in a pane of the screen, and with the whole terminal. Whatever they do to theirs, it stays theirs.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { command, makeRoot } from "../fixture/data-root.ts";
import { openTerminal, type Terminal } from "../fixture/terminal.ts";
import { waitFor } from "../fixture/wait.ts";

const root = makeRoot(t);
await root.ok(["run", "-d", "--name", "web", "--network", "none", "host", "sleep", "1000"]);
await root.ok(["run", "-di", "--name", "talk", "--network", "none", "host", "cat"]);
await root.ok(["run", "-dit", "--name", "chat", "--network", "none", "host", "sh"]);

const bar = /\[1 Containers\]/;

interface Session {
  readonly terminal: Terminal;
  readonly pid: number;
  /** The folder the shell around is in. */
  readonly folder: string;
  choose(name: string): Promise<void>;
  enter(line: string): void;
}

async function begin(t: Test): Promise<Session> {
  const folder = t.testdir({ "run.sh": `stty -a > before; echo $$ > pid; exec ${command} tui\n` });
  const terminal = openTerminal(t, ["bash", "--norc"], { env: root.env({ env: { PS1: "> " } }), cwd: folder, columns: 100, rows: 30 });
  const enter = (line: string) => {
    terminal.type(line);
    terminal.press("Enter");
  };
  await terminal.see(/^>/);
  enter("clear; sh run.sh");
  await terminal.see(/web/);
  return {
    terminal,
    folder,
    pid: Number(readFileSync(join(folder, "pid"), "utf8")),
    enter,
    async choose(name) {
      terminal.press("/", "C-u");
      terminal.type(name);
      terminal.press("Enter");
      await terminal.see(new RegExp(`[›>] ${name}`));
    },
  };
}

/** The shell is back, with its modes; what the dashboard ended with. */
async function leftWith({ terminal, folder, pid, enter }: Session, t: Test): Promise<number> {
  await waitFor("the end of the dashboard", () => !existsSync(`/proc/${pid}`));
  enter("echo ended $?; stty -a > after; echo done");
  const [screen] = await terminal.see(/[\s\S]*^done$/m);
  t.notMatch(screen, bar);
  const modes = (name: string) => readFileSync(join(folder, name), "utf8").replace(/rows \d+; columns \d+/, "");
  t.equal(modes("after"), modes("before"), "the modes are as before");
  return Number(/^ended (\d+)$/m.exec(screen)?.[1]);
}

/** Words for a shell in a pane: tells its size as soon as that is as it should be, which may be after the pane has it. */
const awaitSize = (pattern: string): string => `until stty size | grep -x "${pattern}"; do :; done`;

t.jobs = 2;

t.test("a shell in a pane", { buffered: true }, async (t) => {
  const session = await begin(t);
  const { terminal, choose, enter } = session;
  await choose("web");
  terminal.press("E");
  await terminal.see(/\[exec -it web.*F12 leaves/);
  await terminal.see(/[#$] +│/);
  enter("clear; stty size; echo $TERM");
  const [, rows = "", columns = ""] = await terminal.see(/│(\d+) (\d+) +│\n│xterm /);
  t.ok(Number(columns) === 98 && Number(rows) >= 8, "its size is the pane's");
  // Keys that mean something to the list are the shell's: q, Ctrl-C, Ctrl-Z, arrows, Tab.
  enter(sleeping(9876));
  // Before it is there the shell is neither waiting for it nor at its prompt.
  await waitFor("the program", () => programs(sleeping(9876)).length > 0);
  terminal.press("C-c");
  // It takes what is typed right behind it away.
  await terminal.see(/│\^C/);
  terminal.type("q123");
  terminal.press("C-u");
  enter("echo quit-'less'");
  await terminal.see(/│quit-less/);
  terminal.press("Up", "Enter");
  await terminal.see(/│quit-less[\s\S]*│quit-less/);
  // Nothing it asks of a terminal reaches the real one.
  enter("printf '\\033[?1049h\\033]0;stolen\\007\\033[?1000h\\033[41mfull screen\\033[m'");
  await terminal.see(/│full screen/);
  enter("printf '\\033[?1049l'");
  await terminal.see(bar);
  terminal.press("F11");
  await waitFor("the zoom", () => !/ Containers ─/.test(terminal.screen()));
  enter(awaitSize("26 98"));
  await terminal.see(/│26 98/);
  terminal.press("F11");
  terminal.press("F12");
  await terminal.see(/F12 enters/);
  terminal.press("F12");
  terminal.resize(80, 24);
  await terminal.see(/F12 leaves/);
  enter(`clear; ${awaitSize("[0-9]* 78")}`);
  await terminal.see(/│\d+ 78 +│/);
  enter("exit 42");
  await terminal.see(/ended with 42: Enter closes the pane/);
  terminal.press("Enter");
  await waitFor("the pane to close", () => !terminal.screen().includes("[exec"));
  terminal.press("q");
  t.equal(await leftWith(session, t), 0);
});

t.test("a program that asks for the mouse is told of it", { buffered: true }, async (t) => {
  const session = await begin(t);
  const { terminal, choose, enter } = session;
  await choose("web");
  terminal.press("E");
  await terminal.see(/[#$] +│/);
  enter("clear; echo top; cat -v");
  await terminal.see(/│top/);
  /** The row of the pane's first line, counted from 1. */
  const top =
    terminal
      .screen()
      .split("\n")
      .findIndex((line) => line.startsWith("│top")) + 1;
  const mouse = (code: number, column: number, row: number, letter = "M") => terminal.type(`\x1b[<${code};${column};${row}${letter}`);
  mouse(0, 11, top + 4);
  mouse(0, 11, top + 4, "m");
  enter("nothing");
  await terminal.see(/│nothing/);
  t.notMatch(terminal.screen(), /\^\[/, "who has not asked is told nothing");
  terminal.press("C-c");
  await terminal.see(/[#$] +│/);
  enter("clear; printf '\\033[?1002h\\033[?1006h'; stty raw -echo; cat -v; stty sane");
  await waitFor("the terminal to be asked for movements", () => terminal.flag("mouse_button_flag"));
  // A press, a movement, letting go outside of the pane, the wheel, the other button; a movement without a button is nobody's.
  mouse(0, 11, top + 4);
  mouse(32, 12, top + 4);
  mouse(0, 12, 2, "m");
  mouse(65, 3, top);
  mouse(2, 2, top);
  mouse(2, 2, top, "m");
  mouse(35, 5, top + 1);
  await terminal.see(/│\^\[\[<0;10;5M\^\[\[<32;11;5M\^\[\[<0;11;1m\^\[\[<65;2;1M\^\[\[<2;1;1M\^\[\[<2;1;1m +│/);
  t.match(terminal.screen(), /F12 leaves/, "letting go over the list chose nothing there");
  // Out of sight it keeps its wishes, and the terminal does not follow them.
  terminal.press("F12", "[");
  await waitFor("the terminal to be told so", () => !terminal.flag("mouse_button_flag"));
  terminal.press("F12");
  await waitFor("the terminal to be asked again", () => terminal.flag("mouse_button_flag"));
  process.kill(session.pid, "SIGTERM");
  t.equal(await leftWith(session, t), 143);
  t.notOk(terminal.flag("mouse_any_flag"), "no mouse is left to the shell");
});

t.test("attached in a pane, detached by its keys; a pane that runs when the dashboard ends is hung up", { buffered: true }, async (t) => {
  const session = await begin(t);
  const { terminal, choose, enter } = session;
  await choose("chat");
  terminal.press("a");
  await terminal.see(/\[attach chat\]/);
  await waitFor("the pane to answer", () => {
    terminal.press("Enter");
    return /│.*[#$] +│/.test(terminal.screen());
  });
  enter("echo in-'side'");
  await terminal.see(/in-side/);
  terminal.press("C-p", "C-q");
  await terminal.see(/ended with 0/);
  terminal.press("Enter");
  await choose("web");
  terminal.press("E");
  await terminal.see(/\[exec -it web/);
  await terminal.see(/[#$] +│/);
  enter(`exec ${sleeping(1234)}`);
  await waitFor("the program", () => programs(sleeping(1234)).length > 0);
  process.kill(session.pid, "SIGTERM");
  t.equal(await leftWith(session, t), 143);
  await waitFor("the program's end", () => programs(sleeping(1234)).length === 0);
  t.match(await root.ok(["ps", "--format", "{{.Names}} {{.State}}"]), /chat running\ntalk running\nweb running/);
});

t.test("attached to one without a terminal: Ctrl-C leaves it, in a pane and on the whole terminal", { buffered: true }, async (t) => {
  const session = await begin(t);
  const { terminal, choose, enter } = session;
  await choose("talk");
  terminal.press("a");
  await terminal.see(/\[attach talk\][\s\S]*C-c leaves talk, which goes on/);
  await waitFor("the pane to answer", () => {
    enter("hello");
    return /│hello +│\n│hello/.test(terminal.screen());
  });
  await terminal.see(/C-c detach/);
  terminal.press("C-c");
  await terminal.see(/ended with 130/);
  terminal.press("Enter");
  for (const [name, words, keys] of [
    ["web", "attach --sig-proxy=false web", "C-c"],
    ["chat", "attach chat", "C-p C-q"],
  ] as const) {
    await choose(name);
    terminal.press("A");
    await terminal.see(new RegExp(`^\\[tsns ${words}: ${keys} leaves ${name}, which goes on\\]$`, "m"));
    if (name === "chat") await answering(terminal);
    else await waitFor("the client", () => programs(`.* attach .*${root.path}.*--no-signals.*`).length > 0);
    terminal.press(...keys.split(" "));
    await terminal.see(bar);
  }
  terminal.press("q");
  t.equal(await leftWith(session, t), 0);
  t.match(await root.ok(["ps", "--format", "{{.Names}} {{.State}}"]), /chat running\ntalk running\nweb running/);
});

/** The shell of the container answers on the whole terminal. */
const answering = (terminal: Terminal) =>
  waitFor("the shell to answer", () => {
    terminal.press("Enter");
    return /[#$]$/m.test(terminal.screen());
  });

/** Words that no other test has at the same time. */
const sleeping = (seconds: number): string => `sleep ${seconds}.${process.pid}`;

/** Processes with these words, those of containers too. */
const programs = (words: string): readonly string[] => {
  try {
    return execFileSync("pgrep", ["-fx", words], { encoding: "utf8" }).trim().split("\n");
  } catch {
    return [];
  }
};

t.test("the whole terminal for a program that leaves it in disorder", { buffered: true }, async (t) => {
  const session = await begin(t);
  const { terminal, choose, enter } = session;
  await choose("web");
  terminal.press("X");
  await terminal.see(/[#$]$/m);
  t.notMatch(terminal.screen(), bar);
  // Ctrl-C while it runs is the program's alone.
  enter(sleeping(4321));
  await waitFor("the program", () => programs(sleeping(4321)).length > 0);
  terminal.press("C-c");
  await waitFor("its end", () => programs(sleeping(4321)).length === 0);
  enter("stty size");
  await terminal.see(/^30 100$/m);
  enter("printf '\\033[?1003h\\033[?1049h\\033[31;7m\\033[?25l\\033[5;10r\\033(0'; stty raw -echo; exit");
  await terminal.see(bar);
  const frame = await terminal.see(/─ Containers ─/);
  t.ok(frame);
  terminal.press("q");
  t.equal(await leftWith(session, t), 0);
});

t.test("ended while a program has the terminal", { buffered: true }, async (t) => {
  const session = await begin(t);
  const { terminal, choose } = session;
  await choose("web");
  terminal.press("X");
  await terminal.see(/[#$]$/m);
  process.kill(session.pid, "SIGTERM");
  t.equal(await leftWith(session, t), 143);
});

t.test("stopped while a pane runs", { buffered: true }, async (t) => {
  const session = await begin(t);
  const { terminal, choose, enter } = session;
  await choose("web");
  terminal.press("E");
  await terminal.see(/[#$] +│/);
  terminal.press("F12");
  await terminal.see(/F12 enters/);
  terminal.press("C-z");
  await terminal.see(/Stopped/);
  enter("fg");
  await terminal.see(/F12 enters/);
  terminal.press("F12");
  enter("echo a'live'");
  await terminal.see(/│alive/);
  enter("exit");
  await terminal.see(/ended with 0/);
  terminal.press("Enter", "q");
  t.equal(await leftWith(session, t), 0);
});
