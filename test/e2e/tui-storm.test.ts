// The dashboard while everything changes beside it: containers end and go under the cursor, fifty come and go, the terminal changes its
// size without end, another dashboard and other commands work on the same data root, the data root goes away.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { image, makeBusyboxRoot } from "../fixture/busybox-scenario.ts";
import { command, type DataRoot, makeRoot } from "../fixture/data-root.ts";
import { eachOf } from "../fixture/each-of.ts";
import { needRoot } from "../fixture/root.ts";
import { openTerminal, type Terminal, type TerminalOptions } from "../fixture/terminal.ts";
import { waitFor } from "../fixture/wait.ts";

const open = (t: Test, root: DataRoot, options: TerminalOptions = {}): Terminal =>
  openTerminal(t, [command, "tui"], { env: root.env({ env: { TERM: "screen-256color" } }), columns: 100, rows: 30, ...options });

const run = (root: DataRoot, name: string) =>
  root.ok(["run", "-d", "--name", name, "--network", "none", image, "sleep", "1000"], { timeoutMs: 120_000 });

/** Name in the row under the cursor. */
const chosen = (terminal: Terminal): string => /› *(\S+)/.exec(terminal.screen())?.[1] ?? "";

async function quit(t: Test, terminal: Terminal): Promise<void> {
  terminal.press("q");
  t.equal(await terminal.exitCode(), 0);
}

t.test("containers end and are removed under the cursor", { ...needRoot, buffered: true }, async (t) => {
  const root = await makeBusyboxRoot(t);
  for (const name of ["one", "two", "three", "four"]) await run(root, name);
  const terminal = open(t, root);
  await terminal.see(/4 up|4 running/);
  terminal.press("Down");
  await terminal.see(/› three/);
  await root.ok(["kill", "three"]);
  await terminal.see(/› three +\S+ exited 137/);
  await root.ok(["rm", "three"]);
  await terminal.see(/› two/);
  await root.ok(["rm", "-f", "one", "two"]);
  await terminal.see(/› four/);
  terminal.press("d");
  await terminal.see(/Remove[^\n]*four/);
  // What it is asked about goes away while it is asked.
  await root.ok(["rm", "-f", "four"]);
  await terminal.see(/0 up|0 running/);
  terminal.press("y");
  await terminal.see(/tsns rm --force four: done/);
  await terminal.see(/no containers/);
  await quit(t, terminal);
});

t.test("fifty come and go while keys are pressed", { ...needRoot, buffered: true }, async (t) => {
  const root = await makeBusyboxRoot(t);
  const terminal = open(t, root);
  await terminal.see(/no containers/);
  const names = Array.from({ length: 50 }, (_, place) => `many-${place}`);
  const keys = ["Down", "End", "P", "Up", "M", "PageDown", "Home", "Space", "t", "t", "t", "]", "["];
  await eachOf(names.length, 4, async (place) => {
    await run(root, names[place] ?? "");
    terminal.press(keys[place % keys.length] ?? "Down");
  });
  await terminal.see(/50 up|50 running/);
  const [gone, left] = [names.slice(0, 49), names.slice(49)];
  await root.ok(["rm", "-f", ...gone], { timeoutMs: 120_000 });
  await terminal.see(/ 1 up| 1 running/);
  await waitFor("the cursor on what is left", () => chosen(terminal) === left[0]);
  await quit(t, terminal);
});

t.test("the terminal changes its size without end", { ...needRoot, buffered: true }, async (t) => {
  const root = await makeBusyboxRoot(t);
  await run(root, "steady");
  const terminal = open(t, root);
  await terminal.see(/› steady/);
  for (let round = 0; round < 60; round++) {
    terminal.resize(1 + ((round * 37) % 220), 1 + ((round * 17) % 70));
    if (round % 7 === 0) terminal.press("]", "?", "?", "2", "1");
  }
  for (const [columns, rows] of [
    [39, 24],
    [80, 24],
    [160, 50],
  ] as const) {
    terminal.resize(columns, rows);
    await terminal.see(columns < 40 ? /too small/ : /› steady/);
    if (columns < 40) continue;
    const frame = () => terminal.screen().split("\n");
    await waitFor("the frame", () => frame().length === rows && frame()[1]?.length === columns);
  }
  await quit(t, terminal);
});

t.test("the terminal goes away", { ...needRoot, buffered: true }, async (t) => {
  const root = await makeBusyboxRoot(t);
  await run(root, "steady");
  const terminal = open(t, root);
  await terminal.see(/› steady/);
  const { pid } = terminal;
  terminal.vanish();
  await waitFor("the end of the dashboard", () => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  });
  t.equal(await root.ok(["ps", "--format", "{{.Names}} {{.State}}"]), "steady running", "its containers run on");
});

t.test("two dashboards and other commands", { ...needRoot, buffered: true }, async (t) => {
  const root = await makeBusyboxRoot(t);
  await run(root, "first");
  const terminals = [open(t, root), open(t, root, { columns: 80, rows: 24 })];
  for (const terminal of terminals) await terminal.see(/› first/);
  await run(root, "second");
  for (const terminal of terminals) await terminal.see(/ second .*running/);
  terminals[0]?.press("p");
  await terminals[0]?.see(/Pause first\?/);
  terminals[0]?.press("y");
  for (const terminal of terminals) await terminal.see(/first +\S+ paused/);
  await root.ok(["unpause", "first"]);
  await root.ok(["rename", "second", "other"]);
  for (const terminal of terminals) await terminal.see(/ other .*running/);
  await root.ok(["volume", "create", "kept"]);
  for (const terminal of terminals) {
    terminal.press("4");
    await terminal.see(/ kept +/);
  }
  await root.ok(["volume", "rm", "kept"]);
  for (const terminal of terminals) {
    await terminal.see(/no volumes/);
    await quit(t, terminal);
  }
});

t.test("the data root goes away, or was never one", { buffered: true }, async (t) => {
  const path = join(t.testdir(), "root");
  const root = makeRoot(t);
  const env = { ...root.env({ env: { TERM: "screen-256color" } }), TSNS_ROOT: path };
  await root.ok(["volume", "create", "kept"], { env: { TSNS_ROOT: path } });
  const terminal = openTerminal(t, [command, "tui", "--view", "volumes"], { env, columns: 100, rows: 30 });
  await terminal.see(/ kept +/);
  rmSync(path, { recursive: true });
  terminal.press("1", "2", "4", "6", "1");
  await terminal.see(/\[1 Containers\]/);
  await quit(t, terminal);
  const broken = join(t.testdir(), "broken");
  await root.ok(["volume", "create", "kept"], { env: { TSNS_ROOT: broken } });
  for (const file of ["store.db-wal", "store.db-shm"]) rmSync(join(broken, file), { force: true });
  writeFileSync(join(broken, "store.db"), "no store".repeat(1000));
  for (const words of [["tui", "--once"], ["ps"]]) {
    t.match(await root.tsns(words, { env: { TSNS_ROOT: broken } }), { code: 1, stderr: /^tsns: the store \S+ is damaged \(.*\)\n$/ });
  }
  const refused = openTerminal(t, ["sh", "-c", `"$0" tui; echo "code $?"; read -r _`, command], { env: { ...env, TSNS_ROOT: broken } });
  const [screen] = await refused.see(/[\s\S]*code 1/);
  t.match(screen, /^tsns: the store[\s\S]* is damaged/, "told without having taken the screen");
});
