// The dashboard while another process holds the store for as long as it likes: it reads and answers as ever, and what has to be written waits
// in a process of its own.
import { readdirSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import t from "tap";
import { image, makeBusyboxRoot, pidOf } from "../fixture/busybox-scenario.ts";
import { command } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { openTerminal } from "../fixture/terminal.ts";
import { waitFor } from "../fixture/wait.ts";

/** Command lines of the processes that a process started. */
const childrenOf = (pid: number): readonly string[] =>
  readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" "))
    .flatMap((child) => {
      try {
        return child === "" ? [] : [readFileSync(`/proc/${child}/cmdline`, "utf8").replaceAll("\0", " ")];
      } catch {
        return []; // it has ended meanwhile
      }
    });

const parentOf = (pid: number): number => Number(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[1]);

t.test("a store that is held", { ...needRoot, buffered: true }, async (t) => {
  const root = await makeBusyboxRoot(t);
  for (const name of ["first", "second"]) await root.ok(["run", "-d", "--name", name, "--network", "none", image, "sleep", "1000"]);
  const pid = await pidOf(root, "first");
  const monitor = parentOf(pid);
  const env = root.env({ env: { TERM: "screen-256color" } });
  const terminal = openTerminal(t, [command, "tui"], { env, columns: 100, rows: 30 });
  await terminal.see(/2 up|2 running/);
  const other = new DatabaseSync(`${root.path}/store.db`);
  t.teardown(() => other.close());
  const journals = (): number => Number(other.prepare("SELECT count(*) AS count FROM journal WHERE owner NOT LIKE '%:%'").get()?.count);

  other.exec("BEGIN EXCLUSIVE");
  for (const [key, pattern] of [
    ["2", /\[2 Images\]/],
    ["3", /\[3 Networks\]/],
    ["1", /\[1 Containers\]/],
    ["Down", /› *first/],
  ] as const) {
    terminal.press(key);
    await terminal.see(pattern);
  }
  const repairing = () => childrenOf(terminal.pid).some((line) => line.includes(" ps -aq"));
  t.notOk(repairing(), "nothing is to be written");
  // Nobody is left who would clean up.
  process.kill(monitor, "SIGKILL");
  await terminal.see(/first +\S+ exited 137/);
  await waitFor("another process that waits for the store", repairing);
  terminal.press("Up");
  await terminal.see(/› *second/);
  terminal.press("5");
  await terminal.see(/\[5 Host\]/);
  t.ok(repairing(), "which still waits");
  t.equal(journals(), 2, "the store is as it was");
  other.exec("ROLLBACK");
  await waitFor("the clean-up", () => journals() === 1);
  await waitFor("the end of who cleaned up", () => !repairing());
  terminal.press("q");
  t.equal(await terminal.exitCode(), 0);
});
