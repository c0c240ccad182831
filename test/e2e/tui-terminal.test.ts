// The dashboard gives its terminal back: after each of its ends, and while it is stopped, the former text is there, the modes are the ones
// before and the shell goes on; an error is readable.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import { command, makeRoot } from "../fixture/data-root.ts";
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
  enter("sh run.sh");
  await terminal.see(bar);
  const pid = Number(file("pid"));
  return {
    terminal,
    pid,
    enter,
    async ended(t) {
      // What is typed too early is the dashboard's.
      await waitFor("the end of the dashboard", () => !existsSync(`/proc/${pid}`));
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
