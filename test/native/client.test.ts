// The terminal client: streams, exit codes, signals, detach keys, and what is left of the terminal afterwards.
import { spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { readProcessFile } from "../../src/kernel/proc/stat.ts";
import { childrenOf } from "../fixture/children.ts";
import { needRoot } from "../fixture/root.ts";
import { openTerminal } from "../fixture/terminal.ts";
import { waitFor } from "../fixture/wait.ts";
import {
  alive,
  ended,
  exitRecord,
  gone,
  makeBox,
  makePlan,
  readLog,
  runAttached,
  sandboxProgram,
  startClient,
  startDetached,
  writePlan,
} from "./sandbox.ts";

t.test("streams and exit codes", needRoot, async (t) => {
  const box = makeBox(t);
  const run = (script: string, input?: string) => runAttached(box, makePlan(box, ["sh", "-c", script], { stdin: "once" }), input);
  t.match(run("echo out; echo err >&2; exit 42"), { code: 42, stdout: "out\n", stderr: "err\n", report: /^started \d+ \d+\n$/ });
  t.match(run("cat; echo end", "typed"), { code: 0, stdout: "typedend\n" });
  t.match(run("head -c 1", "x".repeat(1_000_000)), { code: 0, stdout: "x" }, "input nobody reads");
  t.match(run("exec <&-; echo closed", "x".repeat(1_000_000)), { code: 0, stdout: "closed\n" });
});

t.test("100 MB through cat, byte for byte", needRoot, async (t) => {
  const box = makeBox(t);
  const file = join(box.dir, "data");
  const block = randomBytes(1 << 20);
  const descriptor = openSync(file, "w");
  for (let i = 0; i < 100; i++) writeFileSync(descriptor, block);
  closeSync(descriptor);
  const plan = writePlan(box.dir, makePlan(box, ["cat"], { stdin: "once" }));
  const input = openSync(file, "r");
  const child = spawn(sandboxProgram, ["run", plan, "--attach", "--stdin"], { stdio: [input, "pipe", "inherit"], env: {} });
  closeSync(input);
  const hash = createHash("sha256");
  child.stdout?.on("data", (chunk: Buffer) => void hash.update(chunk));
  t.equal(await ended(child), 0);
  const wanted = createHash("sha256");
  for (let i = 0; i < 100; i++) wanted.update(block);
  t.equal(hash.digest("hex"), wanted.digest("hex"));
});

t.test("closed and odd streams", needRoot, async (t) => {
  const box = makeBox(t);
  const shell = (redirect: string, script: string) => {
    const plan = writePlan(box.dir, makePlan(box, ["sh", "-c", script], { stdin: "once" }));
    return spawnSync("sh", ["-c", `${sandboxProgram} run ${plan} --attach --stdin ${redirect}; echo $?`], { encoding: "utf8", input: "" })
      .stdout;
  };
  t.equal(shell("<&-", "cat; echo x"), "x\n0\n");
  t.equal(shell(">&- 2>&- <&-", "echo x; exit 3"), "3\n");
  t.equal(shell("< /dev/zero", "head -c 3 | wc -c"), "3\n0\n");
  t.equal(shell(`> ${box.dir}/out < /etc/hostname`, "cat > /dev/null; echo file"), "0\n");
  t.equal(readFileSync(join(box.dir, "out"), "utf8"), "file\n");
  t.match(
    shell("| head -c 4", "yes yes | head -c 1000000"),
    /^yes\n/,
    "a reader that leaves ends the client, the container ends by itself",
  );
});

t.test("keep-stdin: the end of the input stays with the client", needRoot, async (t) => {
  const box = makeBox(t);
  startDetached(t, box, makePlan(box, ["sh", "-c", "while read x; do echo got $x; done; echo end"], { state: true, stdin: "open" }));
  const socket = join(box.state, "attach");
  const child = startClient(t, ["attach", socket, "--stdin", "--keep-stdin"]);
  child.stdin?.end("one\n");
  await waitFor("the line", () => child.text().includes("got one\n"));
  const second = spawnSync(sandboxProgram, ["attach", socket, "--stdin"], { input: "two\n", encoding: "utf8" });
  t.match(second.stdout, /got two\nend\n/);
  t.equal(second.status, 0);
  t.equal(await ended(child), 0);
});

t.test("failures become the report, or the program that explains them", needRoot, async (t) => {
  const box = makeBox(t);
  const failing = makePlan(box, ["/missing"]);
  const index = failing.length - 1;
  const explain = ["--on-failure", "3", "/bin/echo", "-n", "told:"];
  const run = (...args: string[]) =>
    spawnSync(sandboxProgram, ["run", writePlan(box.dir, failing), ...args], { encoding: "utf8", env: { KEPT: "1" } });
  t.match(run("--attach", ...explain), { status: 0, stdout: `told: error ${index} exec execve ENOENT /missing\n` });
  t.match(run(...explain), { status: 0, stdout: `told: error ${index} exec execve ENOENT /missing\n` });
  t.match(run("--on-failure", "3", "/bin/sh", "-c", "echo $KEPT").stdout, "1\n");
  t.match(run(), { status: 125, stdout: "", stderr: "" });
  t.match(
    spawnSync(sandboxProgram, ["run", join(box.dir, "none"), ...explain], { encoding: "utf8" }).stdout,
    /^told: error 0 plan open ENOENT .*none\n$/,
  );
  t.match(spawnSync(sandboxProgram, ["attach", join(box.dir, "none")], { encoding: "utf8" }), {
    status: 125,
    stderr: "tsns-sandbox: cannot attach: ENOENT\n",
  });
  for (const args of [
    [],
    ["run"],
    ["run", "x", "--what"],
    ["attach"],
    ["run", "x", "--report"],
    ["run", "x", "--on-failure", "2", "a"],
    ["run", "x", "--detach-keys", "1"],
  ])
    t.match(spawnSync(sandboxProgram, args, { encoding: "utf8" }), { status: 125, stderr: /^tsns-sandbox: usage: / });
});

t.test("signals are passed on; a killed client leaves the container running", needRoot, async (t) => {
  const box = makeBox(t);
  const script = 'for s in TERM HUP INT USR1 USR2; do trap "echo $s" $s; done; echo ready; while :; do sleep 0.01; done';
  const plan = writePlan(box.dir, makePlan(box, ["sh", "-c", script], { state: true, stdin: "open" }));
  const child = startClient(t, ["run", plan, "--attach", "--report", "3"]);
  await waitFor("the traps", () => child.text().includes("ready"));
  for (const signal of ["TERM", "HUP", "INT", "USR1", "USR2"] as const) {
    child.kill(`SIG${signal}`);
    await waitFor(signal, () => child.text().includes(`${signal}\n`));
  }
  const [monitorPid = 0, , initPid = 0] = readFileSync(join(box.state, "monitor"), "utf8").split(" ").map(Number);
  t.teardown(() => void (alive(monitorPid) && process.kill(monitorPid, "SIGKILL")));
  child.kill("SIGKILL");
  await ended(child);
  t.ok(alive(monitorPid) && alive(initPid));
  const again = startClient(t, ["attach", join(box.state, "attach")]);
  await waitFor("the signal", () => {
    process.kill(initPid, "SIGUSR1");
    return again.text().includes("USR1\n");
  });
  process.kill(monitorPid, "SIGKILL");
  t.equal(await ended(again), 137);
  t.match(again.text(), /monitor was killed/);
});

t.test("a client with a report goes with its parent", needRoot, async (t) => {
  const box = makeBox(t);
  const plan = writePlan(box.dir, makePlan(box, ["sleep", "1000"], { state: true }));
  const parent = spawn("sh", ["-c", `${sandboxProgram} run ${plan} --attach --report 3 3>${box.dir}/report & echo $!; wait`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const client = Number(await new Promise((done) => parent.stdout?.once("data", done)));
  const report = join(box.dir, "report");
  await waitFor("the start", () => existsSync(report) && readFileSync(report, "utf8").startsWith("started"));
  const [monitorPid = 0] = readFileSync(join(box.state, "monitor"), "utf8").split(" ").map(Number);
  t.teardown(() => void (alive(monitorPid) && process.kill(monitorPid, "SIGKILL")));
  parent.kill("SIGKILL");
  t.ok(await gone(client));
  t.ok(alive(monitorPid), "the container stays");
});

const inTerminal = (t: Parameters<typeof openTerminal>[0], ...args: string[]) =>
  openTerminal(t, ["sh", "-c", `${sandboxProgram} ${args.join(" ")}; echo status $?; stty -a | grep -o '[-]*icanon'; exec sleep 1000`]);

// Not a shell that edits lines: where the terminal answers late, it shows the answer to its question where the cursor is.
t.test("detach keys, re-attach, resize, raw keys, the terminal afterwards", needRoot, async (t) => {
  const box = makeBox(t);
  const shell = ["sh", "-c", 'trap echo INT; while printf "box> " && read -r line; do eval "$line"; done'];
  const plan = writePlan(box.dir, makePlan(box, shell, { state: true, stdio: "pty", stdin: "open" }));
  const options = ["--stdin", "--tty", "--detach-keys", "1011"];
  const first = inTerminal(t, "run", plan, "--attach", ...options);
  await first.see(/box>$/);
  const [monitorPid = 0, , initPid = 0] = readFileSync(join(box.state, "monitor"), "utf8").split(" ").map(Number);
  t.teardown(() => void (alive(monitorPid) && process.kill(monitorPid, "SIGKILL")));
  first.type("stty size; sleep 1000");
  first.press("Enter");
  await first.see(/^24 80$/m);
  await waitFor("what the key is to end", () => /^sleep\0/.test(readProcessFile(childrenOf(initPid)[0] ?? 0, "cmdline") ?? ""));
  first.press("C-c");
  await first.see(/\^C\nbox>$/);
  first.resize(100, 30);
  // Its own way is shorter or longer than that of what is typed.
  first.type("until stty size | grep '^30 100'; do sleep 0.1; done");
  first.press("Enter");
  await first.see(/^30 100$/m);
  first.press("C-p");
  first.type("x");
  first.press("C-p", "C-q");
  await first.see(/status 0\nicanon/);
  t.ok(alive(initPid));
  const second = inTerminal(t, "attach", join(box.state, "attach"), ...options);
  await waitFor("the connection", () => {
    second.press("Enter");
    return /box>\nbox>$/.test(second.screen());
  });
  second.type("exit 9");
  second.press("Enter");
  await second.see(/status 9\nicanon/);
  t.match(await exitRecord(box), /^code 9\n/);
  t.match(readLog(box).join(""), /30 100\r\n/);
});

t.test("stopping and losing a client in a terminal", needRoot, async (t) => {
  const box = makeBox(t);
  const plan = writePlan(box.dir, makePlan(box, ["sh", "-c", "echo ready; cat"], { state: true, stdio: "pty", stdin: "open" }));
  const terminal = openTerminal(t, ["bash", "--norc", "-i"]);
  terminal.type(`PS1='host> '; ${sandboxProgram} run ${plan} --attach --stdin --tty & fg`);
  terminal.press("Enter");
  await terminal.see(/ready/);
  const [monitorPid = 0, , initPid = 0] = readFileSync(join(box.state, "monitor"), "utf8").split(" ").map(Number);
  t.teardown(() => void (alive(monitorPid) && process.kill(monitorPid, "SIGKILL")));
  const client = childrenOf(terminal.pid).find((pid) => readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("tsns-sandbox"));
  t.ok(client);
  process.kill(client ?? 0, "SIGTSTP");
  await terminal.see(/Stopped/);
  terminal.type("fg");
  terminal.press("Enter");
  await waitFor("the terminal in raw mode again", () => {
    terminal.type("k");
    return /kk/.test(terminal.screen().split("\n").at(-1) ?? "");
  });
  process.kill(terminal.pid, "SIGKILL");
  await gone(client ?? 0);
  t.ok(alive(initPid), "the container stays");
});
