// Leaving the dashboard while commands are under way: it asks, and however it ends what was not done is told on the terminal.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { stageCommand } from "../fixture/golden-screen.ts";
import { openTerminal, type Terminal } from "../fixture/terminal.ts";

interface Session {
  readonly terminal: Terminal;
  /** Process id of the dashboard. */
  readonly pid: number;
  /** Lets all commands end. */
  release(): void;
}

/** A dashboard of 50 containers in which 50 commands have been asked for: 8 run, the others wait. */
async function begin(t: Test): Promise<Session> {
  const folder = t.testdir({ gate: "" });
  const gate = join(folder, "gate");
  const release = () => rmSync(gate, { force: true });
  t.teardown(release);
  const { NO_COLOR: _, ...own } = process.env;
  const shell = 'echo before; (echo $BASHPID > pid; exec "$0" "$@"); echo "code $?"; exec sleep 1000';
  const terminal = openTerminal(t, ["bash", "-mc", shell, ...stageCommand("50")], {
    env: { ...own, TZ: "UTC", LANG: "C.UTF-8", XDG_STATE_HOME: folder, GATE: gate },
    cwd: folder,
    columns: 100,
    rows: 30,
  });
  await terminal.see(/\[1 Containers\]/);
  terminal.press("*", "n");
  await terminal.see(/Put 50 containers onto which network\?[\s\S]*› \w+/);
  terminal.press("Enter");
  await terminal.see(/8 commands run, \d+ wait/);
  return { terminal, release, pid: Number(readFileSync(join(folder, "pid"), "utf8")) };
}

t.jobs = 2;

t.test("q asks, names what is under way, and tells it once more", { buffered: true }, async (t) => {
  const { terminal, release } = await begin(t);
  terminal.press("q");
  await terminal.see(/Leave while 8 commands run and \d+ wait for their turn\?[\s\S]*go on to their end[\s\S]*\$ tsns network connect/);
  terminal.press("n");
  await terminal.see(/8 commands run, \d+ wait/);
  terminal.press("C-c");
  await terminal.see(/Leave while 8/);
  terminal.press("y");
  const [screen] = await terminal.see(/[\s\S]*code 0/);
  t.match(screen, /^before\n[\s\S]*tsns: 8 commands go on: tsns network connect/);
  t.match(screen.replaceAll("\n", ""), /tsns: \d+ commands were not started: tsns network connect .*; and \d+ more/);
  release();
});

t.test("a signal ends at once, and what was not started is told", { buffered: true }, async (t) => {
  const { terminal, pid } = await begin(t);
  process.kill(pid, "SIGTERM");
  const [screen] = await terminal.see(/[\s\S]*code \d+/);
  t.match(screen, /^before\n[\s\S]*tsns: \d+ commands were not started: tsns network connect/);
});

t.test("a command that waits is called off in the list, and nothing is asked when all have ended", { buffered: true }, async (t) => {
  const { terminal, release } = await begin(t);
  terminal.press("7");
  await terminal.see(/› +\d+ .*waits/);
  terminal.press("K");
  await terminal.see(/Interrupt it, as Ctrl-C does\?/);
  terminal.press("y");
  await terminal.see(/› +\d+ .*not started/);
  release();
  await terminal.see(/› [\s\S]*done/);
  await terminal.see(/7 Commands\](?!.*(?:command|wait)).*\n/);
  terminal.press("q");
  await terminal.see(/code 0/);
  t.notMatch(terminal.screen(), /tsns:/);
});
