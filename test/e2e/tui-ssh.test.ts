// The dashboard from afar: over ssh it draws, follows the terminal's size and keys, and ends with the connection.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { command, type DataRoot, makeRoot, outcomeOf } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { openLogin } from "../fixture/ssh.ts";
import { openTerminal, type Terminal } from "../fixture/terminal.ts";
import { waitFor } from "../fixture/wait.ts";

type Login = ReturnType<typeof openLogin>;

interface Session {
  readonly terminal: Terminal;
  /** Process id of the dashboard. */
  readonly pid: number;
}

const remote = (root: DataRoot, words: string) => `export TSNS_ROOT='${root.path}' XDG_STATE_HOME=/dev/null; ${words}`;

async function begin(t: Test, root: DataRoot, login: Login, env: Readonly<Record<string, string>> = {}): Promise<Session> {
  const file = join(t.testdir({}), "pid");
  const argv = [...login("-tt"), remote(root, `echo $$ > '${file}'; exec '${command}' tui`)];
  const terminal = openTerminal(t, argv, { env: root.env({ env }), columns: 100, rows: 30 });
  await terminal.see(/[›>] watched .*running/);
  return { terminal, pid: Number(readFileSync(file, "utf8")) };
}

const ended = ({ pid }: Session) => waitFor("the end of the dashboard", () => !existsSync(`/proc/${pid}`));

async function drawn(t: Test, root: DataRoot, login: Login): Promise<void> {
  const session = await begin(t, root, login);
  const { terminal } = session;
  await terminal.see(/^┌─ Containers ─.*─┐$/m);
  t.match(terminal.styled(), /\x1b\[[\d;]*38;5;/, "in the colours of the terminal here");
  for (const [columns, rows] of [
    [80, 24],
    [160, 50],
  ] as const) {
    terminal.resize(columns, rows);
    const frame = () => terminal.screen().split("\n");
    await waitFor("the new size", () => frame().length === rows && frame()[1]?.length === columns);
  }
  terminal.press("Down");
  await terminal.see(/› other/);
  terminal.press("Up");
  await terminal.see(/› watched/);
  // Escape alone, which the line may bring together with what follows.
  terminal.press("/");
  terminal.type("watch");
  await terminal.see(/^.\s*\/watch/m);
  terminal.press("Escape");
  await terminal.see(/ other .*running/);
  // A press on the second name of the first line.
  terminal.type("\x1b[<0;20;1M\x1b[<0;20;1m");
  await terminal.see(/\[2 Images\]/);
  terminal.press("1", "q");
  t.equal(await terminal.exitCode(), 0);
  t.notMatch(terminal.screen(), /Containers/);
  await ended(session);
}

async function acted(t: Test, root: DataRoot, login: Login): Promise<void> {
  const session = await begin(t, root, login, { LANG: "C" });
  const { terminal } = session;
  t.match(terminal.screen(), /^[\x20-\x7e\n]*$/, "signs that the locale here has");
  // Nobody could continue it.
  terminal.press("C-z");
  terminal.press("K");
  await terminal.see(/Which signal for watched\?/);
  terminal.press("Enter");
  await terminal.see(/watched .*exited 137/);
  await root.ok(["start", "watched"]);
  await terminal.see(/watched .*running/);
  process.kill(session.pid, "SIGTERM");
  t.equal(await terminal.exitCode(), 143);
  await terminal.see(/^tsns: ended by SIGTERM/m);
}

async function cut(t: Test, root: DataRoot, login: Login): Promise<void> {
  const broken = await begin(t, root, login);
  process.kill(broken.terminal.pid, "SIGKILL");
  await ended(broken);
  const session = await begin(t, root, login);
  session.terminal.press("E");
  await session.terminal.see(/\[exec -it/);
  await session.terminal.see(/[#$] +│/);
  // ssh's own keys, behind the Enter that the shell gets.
  session.terminal.press("Enter");
  session.terminal.type("~.");
  await session.terminal.exitCode();
  await ended(session);
  t.match(await root.ok(["ps", "--format", "{{.Names}} {{.State}}"]), /watched running/, "its container runs on");
  await waitFor("the shell's end", async () => (await root.ok(["inspect", "--format", "{{json .ExecIDs}}", "watched"])) === "null");
}

async function withoutTerminal(t: Test, root: DataRoot, login: Login): Promise<void> {
  const [file = "", ...before] = login();
  const run = (words: string) => {
    const child = spawn(file, [...before, remote(root, `'${command}' ${words}`)], { env: root.env(), stdio: "pipe" });
    child.stdin.end();
    return outcomeOf(child, `ssh tsns ${words}`, 30_000);
  };
  t.match(await run("tui"), {
    code: 1,
    stdout: "",
    stderr: /^tsns: the dashboard needs a terminal \(.*tsns tui --once.*\)\n$/,
  });
  t.match(await run("tui --once --view containers"), { code: 0, stdout: /^watched +running /m });
}

t.test("over ssh", { ...needRoot, buffered: true }, async (t) => {
  const root = makeRoot(t);
  const login = openLogin(t);
  for (const name of ["other", "watched"]) await root.ok(["run", "-d", "--name", name, "--network", "none", "host", "sleep", "1000"]);
  await t.test("it draws, follows the size, takes keys and the mouse", (t) => drawn(t, root, login));
  await t.test("in another locale it acts, and ends by a signal", (t) => acted(t, root, login));
  await t.test("it ends with the connection", (t) => cut(t, root, login));
  await t.test("without a terminal it says so", (t) => withoutTerminal(t, root, login));
});
