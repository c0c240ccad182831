// The dashboard gives its terminal back: after each of its ends, and while it is stopped, the former text is there, the modes are the ones
// before and the shell goes on; an error is readable.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import { command, makeRoot } from "../fixture/data-root.ts";
import { isGone } from "../fixture/keep.ts";
import { openTerminal, type Terminal } from "../fixture/terminal.ts";
import { waitFor } from "../fixture/wait.ts";

const root = makeRoot(t);
const checkout = fileURLToPath(new URL("../..", import.meta.url));
const node = join(checkout, "node_modules/.bin/node");

interface Session {
  readonly terminal: Terminal;
  /** Process id of the dashboard. */
  readonly pid: number;
  enter(line: string): void;
  /** Waits for the shell after the end: its exit code, what the dashboard said, and that all is as it was. */
  ended(t: Test): Promise<{ readonly code: number; readonly said: string }>;
}

const bar = /\[1 Containers\]/;
/** In the last line: what is typed before it is there stands above it as well. */
const prompt = /^>$(?![\s\S])/m;

/** A shell with the dashboard in it, on the screen. */
async function begin(t: Test, { program = command, env = {} }: { program?: string; env?: NodeJS.ProcessEnv } = {}): Promise<Session> {
  const folder = t.testdir({ "run.sh": `echo $$ > pid\nexec ${program} tui\n` });
  const file = (name: string) => readFileSync(join(folder, name), "utf8");
  const terminal = openTerminal(t, ["bash", "--norc"], { env: root.env({ env: { PS1: "> ", ...env } }), cwd: folder });
  const enter = (line: string) => {
    terminal.type(line);
    terminal.press("Enter");
  };
  await terminal.see(/^>/);
  enter("clear; echo former text; stty -a > before");
  await terminal.see(/^former text$/m);
  await terminal.see(prompt);
  enter("sh run.sh");
  await terminal.see(bar);
  const pid = Number(file("pid"));
  return {
    terminal,
    pid,
    enter,
    async ended(t) {
      // What is typed too early is the dashboard's.
      await waitFor("the end of the dashboard", () => isGone(pid));
      await terminal.see(prompt);
      enter("echo ended $?; stty -a > after; echo done");
      const [screen] = await terminal.see(/[\s\S]*^done$/m);
      t.notMatch(screen, bar, "the dashboard is gone");
      const outcome = /^former text\n.*sh run\.sh\n([^>]*)[\s\S]*^ended (\d+)$/m.exec(screen);
      t.ok(outcome, `the former text is there:\n${screen}`);
      t.equal(file("after"), file("before"), "the modes are as before");
      // Nothing a key or the mouse does comes as a sequence any more.
      return { code: Number(outcome?.[2]), said: outcome?.[1]?.replaceAll("\n", "") ?? "" };
    },
  };
}

const endings = [
  { signal: "SIGTERM", code: 143 },
  { signal: "SIGINT", code: 130 },
  { signal: "SIGQUIT", code: 131 },
  { signal: "SIGHUP", code: 129 },
] as const;

t.jobs = 2;

for (const { signal, code } of endings) {
  t.test(`after ${signal}`, { buffered: true }, async (t) => {
    const session = await begin(t);
    process.kill(session.pid, signal);
    t.same(await session.ended(t), { code, said: `tsns: ended by ${signal}` });
  });
}

t.test("after q", { buffered: true }, async (t) => {
  const session = await begin(t);
  session.terminal.press("q");
  t.same(await session.ended(t), { code: 0, said: "" });
});

t.test("after an exception that nobody catches", { buffered: true }, async (t) => {
  const preload = join(checkout, "test/fixture/crash.mjs");
  const program = `${node} --import ${preload} ${join(checkout, "cmds/main.ts")}`;
  for (const { signal, error } of [
    { signal: "SIGUSR2", error: "thrown in a callback" },
    { signal: "SIGIO", error: "thrown while drawing" },
  ] as const) {
    await t.test(error, async (t) => {
      const session = await begin(t, { program });
      process.kill(session.pid, signal);
      const { code, said } = await session.ended(t);
      t.equal(code, 1);
      t.match(said, new RegExp(`^tsns: internal error: ${error} \\(`));
    });
  }
});

t.test("while it is stopped, and when it goes on", { buffered: true }, async (t) => {
  const { terminal, pid, enter, ended } = await begin(t);
  const isStopped = () => /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  for (const stop of [() => terminal.press("C-z"), () => process.kill(pid, "SIGTSTP")]) {
    stop();
    const [screen] = await terminal.see(/[\s\S]*Stopped[\s\S]*/);
    t.match(screen, /former text/, "the former text is there");
    t.notMatch(screen, bar);
    enter("clear; echo former text; stty -a > stopped; fg");
    await terminal.see(bar);
  }
  // Without having been asked: the shell takes the terminal, the dashboard takes it back.
  process.kill(pid, "SIGSTOP");
  await waitFor("the stop", isStopped);
  enter("clear; echo former text; fg");
  await waitFor("the dashboard to go on", () => !isStopped());
  await terminal.see(bar);
  terminal.press("q");
  t.match(await ended(t), { code: 0 });
});

t.test("when its terminal goes away", { buffered: true }, async (t) => {
  const folder = t.testdir({ "run.sh": `echo $$ > pid\nexec ${command} tui\n` });
  const terminal = openTerminal(t, ["script", "-qc", "sh run.sh", "/dev/null"], {
    env: root.env({ env: { SHELL: "/bin/sh" } }),
    cwd: folder,
  });
  await terminal.see(bar);
  const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
  process.kill(terminal.pid, "SIGKILL");
  await waitFor("the end of the dashboard", () => isGone(pid));
});

t.test("terminals that cannot show it are refused in one line", { buffered: true }, async (t) => {
  for (const [term, message] of [
    ["", "TERM is not set"],
    ["dumb", "a terminal of kind dumb cannot move its cursor"],
    ["nonsense", "the terminal nonsense is unknown here"],
  ] as const) {
    const terminal = openTerminal(t, ["env", `TERM=${term}`, command, "tui"], { env: root.env(), columns: 200 });
    t.equal(await terminal.exitCode(), 1);
    t.match(terminal.screen(), new RegExp(`^tsns: ${message}.*\\(set TERM to .*\\)$`));
  }
});

t.test("colours suit the background that the terminal tells of", { buffered: true }, async (t) => {
  /** Numbers of the 256 that text on the screen has. */
  const coloursOf = (terminal: Terminal) => new Set([...terminal.styled().matchAll(/38;5;(\d+)/g)].map(([, number]) => Number(number)));
  const { COLORFGBG: _, ...env } = root.env();
  const open = (background: string | undefined, ...args: string[]) =>
    openTerminal(t, [command, "tui", ...args], { env, ...(background === undefined ? {} : { background }) });
  // Cyan and gray of each palette.
  const dark = [80, 246];
  const light = [23, 240];
  for (const [colours, terminal] of [
    [light, open("#fdf6e3")],
    [dark, open("#002b36")],
    [dark, open(undefined)],
    [dark, open("#fdf6e3", "--theme", "dark")],
  ] as const) {
    await terminal.see(bar);
    await waitFor(
      () => `colours ${colours}: ${[...coloursOf(terminal)]}`,
      () => colours.every((colour) => coloursOf(terminal).has(colour)),
    );
    const others = colours === dark ? light : dark;
    t.notOk(
      others.some((colour) => coloursOf(terminal).has(colour)),
      "none of the others",
    );
    t.notMatch(terminal.screen(), /rgb/, "the answer is no text");
    terminal.press("q");
    t.equal(await terminal.exitCode(), 0);
  }
});

t.test("signs, sizes, the mouse and a wrong call", { buffered: true }, async (t) => {
  const open = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    openTerminal(t, ["env", ...Object.entries(env).map(([name, value]) => `${name}=${value}`), command, "tui", ...args], {
      env: root.env(),
    });
  const unicode = open([]);
  await unicode.see(/┌─ Containers ─+/);
  unicode.resize(20, 4);
  await unicode.see(/^too small\n40x10 is needed/);
  unicode.resize(1, 1);
  unicode.resize(120, 40);
  await unicode.see(/┌─ Containers ─{60}/);
  // A press on the second name of the first line.
  unicode.type("\x1b[<0;20;1M\x1b[<0;20;1m");
  await unicode.see(/\[2 \w+\]/);
  unicode.press("q");
  t.equal(await unicode.exitCode(), 0);
  for (const ascii of [
    open(["--ascii"]),
    open([], { LANG: "C" }),
    open([], { TERM: "vt100", LANG: "C.UTF-8" }),
    open(["--theme", "none"], { LC_ALL: "POSIX" }),
  ]) {
    const [screen] = await ascii.see(/\+- Containers -+[\s\S]*/);
    t.match(screen, /^[\x20-\x7e\n]*$/);
    ascii.press("q");
    t.equal(await ascii.exitCode(), 0);
  }
  for (const [args, message] of [
    [["--refresh", "50ms"], /--refresh 50ms is not between 100ms and 1h/],
    [["--refresh", "soon"], /invalid --refresh "soon"/],
    [["--view", "nothing"], /no view is called nothing \(there are containers, /],
    [["--theme", "pink"], /--theme/],
  ] as const) {
    const wrong = open(args);
    t.not(await wrong.exitCode(), 0);
    t.match(wrong.screen().replaceAll("\n", ""), message);
  }
});

t.test("layout and what was entered are kept, no secret is, and garbage is said", { buffered: true }, async (t) => {
  const state = t.testdir({});
  const open = () => openTerminal(t, [command, "tui"], { env: root.env({ env: { XDG_STATE_HOME: state } }), columns: 200 });
  const first = open();
  await first.see(bar);
  first.press("2");
  await first.see(/\[2 \w+\]/);
  for (const words of ["images -a", "rm -e A=hush"]) {
    first.press(":");
    await first.see(/words as in a shell/);
    first.type(words);
    first.press("Enter");
    await first.see(new RegExp(`Output[\\s\\S]*\\$ tsns ${words}[\\s\\S]*(?:done|\\(\\d+\\)) `));
    first.press("Escape");
    await waitFor("the dialog to close", () => !first.screen().includes("Output"));
  }
  first.press("q");
  await first.exitCode();
  t.notMatch(readFileSync(join(state, "tsns/tui.json"), "utf8"), "hush");
  const second = open();
  await second.see(/\[2 \w+\]/);
  second.press(":");
  await second.see(/words as in a shell/);
  second.press("Up");
  await second.see(/tsns +images -a/);
  second.press("Escape");
  await waitFor("the prompt to close", () => !second.screen().includes("words as in"));
  second.press("q");
  await second.exitCode();
  writeFileSync(join(state, "tsns/tui.json"), "\x1b[31mgarbage");
  const third = open();
  await third.see(/the layout kept in .*tui\.json is not understood/);
  t.match(third.screen(), bar);
});
