// The creator that waits: statuses, signals, the terminal it relays, job control. The one that gives its terminal away: creator-console.test.ts.
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import t, { type Test } from "tap";
import { readProcessStat } from "../../src/kernel/proc/stat.ts";
import type { Operation } from "../../src/plan/operation.ts";
import { childrenOf } from "../fixture/children.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { create, createPlan, gatePath, isOpen, start, startCreator, watch } from "./creator.ts";
import { alive, type Box, ended, gone, makeBox, sandboxProgram, writePlan } from "./sandbox.ts";

const waiting = { gate: false } as const;

t.test("the status of init", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  t.match(create(t, box, createPlan(box, ["sh", "-c", "exit 7"], waiting), ["--wait"]), { code: 7, report: /^started / });
  t.match(create(t, box, createPlan(box, ["true"], waiting), ["--wait"]), { code: 0 });
  t.match(create(t, box, createPlan(box, ["nosuch"], waiting), ["--wait"]), { code: 125, report: /^error / });
  const { child, report, output } = startCreator(t, box, createPlan(box, ["sh", "-c", "echo runs; exec sleep 1000"], waiting), ["--wait"]);
  await waitFor("the command", () => output() === "runs\n");
  // the creator tells of it after the command has begun
  const pid = await waitFor("the report", () => report().match(/^started (\d+) \d+$/m)?.[1]);
  process.kill(Number(pid), "SIGKILL");
  t.equal(await ended(child), 137);
});

t.test("its streams are the caller's own", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const plan = writePlan(box.dir, createPlan(box, ["sh", "-c", "cat; echo wrong >&2"], waiting));
  const input = "x".repeat(500_000);
  t.match(spawnSync(sandboxProgram, ["create", plan, "--wait"], { input, encoding: "utf8" }), {
    status: 0,
    stdout: input,
    stderr: "wrong\n",
  });
});

t.test("with a gate it waits behind that too", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const { child, report } = startCreator(t, box, createPlan(box, ["sh", "-c", "exit 9"]), ["--wait"]);
  await waitFor("the report", () => report() !== "");
  t.equal(child.exitCode, null);
  t.equal(await start(t, gatePath(box)), "exec\n");
  t.equal(await ended(child), 9);
});

t.test("a command in the namespaces of another", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const { pid } = create(t, box, createPlan(box, ["sleep", "1000"], { after: [["hostname", "inside"]] }));
  t.equal(await start(t, gatePath(box)), "exec\n");
  const script = "hostname; grep -c . /proc/1/cmdline; readlink /proc/self/exe; exit 8";
  const plan = (begun: number): Operation[] => [
    ["stdio", "inherit"],
    ["setns-pid", `${pid}`, `${begun}`, "mnt", "uts", "pid"],
    ["clone", "0"],
    ["barrier"],
    ["env", "PATH=/bin"],
    ["exec", "sh", "-c", script],
  ];
  const inside = create(t, box, plan(alive(pid) ?? 0), ["--wait"]);
  t.match(inside, { code: 8, report: /^started \d+ \d+\n$/ });
  t.equal(inside.output(), "inside\n1\n/bin/busybox\n");
  t.match(create(t, box, plan(1), ["--wait"]), { code: 125, report: /^error 1 setns-pid pidfd_open ESRCH / });
  const left = create(t, box, plan(alive(pid) ?? 0));
  t.match(left, { code: 0, report: /^started / });
  await gone(left.pid);
});

t.test("signals are init's", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const names = ["TERM", "HUP", "INT", "QUIT", "USR1", "USR2", "ALRM", "WINCH", "CONT"] as const;
  const traps = names.map((name) => `trap 'echo ${name}' ${name}`).join("; ");
  const script = `${traps}; trap 'exit 5' PWR; echo ready; while :; do sleep 0.05; done`;
  const { child, output } = startCreator(t, box, createPlan(box, ["sh", "-c", script], waiting), ["--wait"]);
  await waitFor("the command", () => output() === "ready\n");
  for (const name of names) {
    child.kill(`SIG${name}`);
    await waitFor(name, () => output().endsWith(`${name}\n`));
  }
  child.kill("SIGPWR");
  t.equal(await ended(child), 5);
});

/** A program on a terminal of its own, and what has been shown there. */
function onTerminal(t: Test, ...program: string[]) {
  const child = spawn(sandboxProgram, ["terminal", "3", "24", "80", ...program], { stdio: ["pipe", "pipe", "inherit", "pipe"] });
  let shown = "";
  child.stdout?.on("data", (chunk: Buffer) => (shown += chunk));
  child.stdin?.on("error", () => undefined);
  t.teardown(() => void child.kill("SIGKILL"));
  const type = (text: string) => void child.stdin?.write(text);
  const resize = (rows: number, columns: number) => {
    const size = Buffer.alloc(4);
    size.writeUInt16LE(rows, 0);
    size.writeUInt16LE(columns, 2);
    (child.stdio[3] as unknown as NodeJS.WritableStream).write(size);
  };
  return {
    child,
    type,
    resize,
    shown: () => shown,
    sees: (text: string) =>
      waitFor(
        () => `${text} in ${shown}`,
        () => shown.includes(text),
      ),
  };
}

const terminalPlan = (box: Box, script: string) => writePlan(box.dir, createPlan(box, ["sh", "-c", script], { ...waiting, stdio: "pty" }));

t.test("a terminal that is relayed", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const script =
    "tty; stty size; read line; echo \"got <$line>\"; trap 'stty size' WINCH; trap 'echo interrupted; exit 3' INT; echo armed; while :; do sleep 0.1; done";
  const plan = terminalPlan(box, script);
  const { child, type, resize, sees } = onTerminal(t, sandboxProgram, "create", plan, "--wait");
  await sees("24 80");
  type("words\r");
  await sees("got <words>");
  await sees("armed");
  resize(30, 100);
  await sees("30 100");
  type("\x03");
  await sees("interrupted");
  t.equal(await ended(child), 3);
});

t.test("its terminal has the caller's size before it is started", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  // a hook between the terminal and the gate, which nobody gets by before its time is over
  const script = 'until [ "$(stty -F /dev/pts/0 size)" = "24 80" ]; do sleep 0.05; done';
  const after: Operation[] = [["hook", "h", "10000", "", "", "own", "3", "/bin/sh", "sh", "-c", script, "PATH=/bin"]];
  const operations = createPlan(box, ["sh", "-c", "stty size; exit 6"], { stdio: "pty", after });
  const plan = writePlan(
    box.dir,
    operations.map((operation): Operation => (operation[0] === "pty" ? ["pty", "11", "22"] : operation)),
  );
  const { child, shown } = onTerminal(t, sandboxProgram, "create", plan, "--wait");
  await waitFor("the gate", () => isOpen(gatePath(box)));
  t.equal(await start(t, gatePath(box)), "exec\n");
  t.equal(await ended(child), 6);
  t.equal(shown(), "24 80\r\n");
});

t.test("what it shows last comes to a terminal that is raw still", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const go = join(box.root, "home/go");
  spawnSync("mkfifo", [go]);
  const plan = writePlan(box.dir, createPlan(box, ["sh", "-c", "read -r word < /home/go; echo last; exit 6"], { stdio: "pty" }));
  const { child, shown } = onTerminal(t, sandboxProgram, "create", plan, "--wait");
  await waitFor("the gate", () => isOpen(gatePath(box)));
  const creator = await waitFor("the creator", () => childrenOf(child.pid ?? 0)[0]);
  const init = await waitFor("its child", () => childrenOf(creator)[0]);
  t.equal(await start(t, gatePath(box)), "exec\n");
  // It hears of the end and of what was shown at once.
  process.kill(creator, "SIGSTOP");
  await writeFile(go, "\n");
  await waitFor("the end", () => readProcessStat(init)?.state === "Z");
  process.kill(creator, "SIGCONT");
  t.equal(await ended(child), 6);
  t.equal(shown(), "last\r\n");
});

t.test("much in both directions, to the last byte", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const script = "stty raw -echo; echo ready; head -c 200000 | tee /tmp/copy; printf end";
  const plan = terminalPlan(box, script);
  const { child, type, shown, sees } = onTerminal(t, sandboxProgram, "create", plan, "--wait");
  await sees("ready");
  const text = Array.from({ length: 20_000 }, (_, at) => `${at}`.padStart(10, ".")).join("");
  type(text);
  t.equal(await ended(child), 0);
  t.ok(shown().endsWith(`${text}end`), `${shown().length} of ${text.length + 10}`);
  const lone = spawnSync(sandboxProgram, ["create", terminalPlan(box, "cat /tmp/copy /tmp/copy; exit 4"), "--wait"], {
    input: "",
  });
  t.equal(lone.status, 4);
  t.equal(lone.stdout.length, 2 * text.length, "without any terminal outside");
});

t.test("job control around a terminal", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const plan = terminalPlan(box, "echo $$ runs; read line; echo got $line; exit 6");
  const script = `${sandboxProgram} create ${plan} --report 9 --wait 9>${join(box.dir, "report")}; echo stopped $?; stty -a | grep -o -e '-icanon' -e ' icanon'; read x; fg; echo ended $?`;
  const { type, sees, shown } = onTerminal(t, "bash", "--norc", "-mc", script);
  await sees("runs");
  const init = readFileSync(join(box.dir, "report"), "utf8").split(" ")[1];
  const creator = readFileSync(`/proc/${init}/status`, "utf8").match(/^PPid:\s*(\d+)$/m)?.[1];
  process.kill(Number(creator), "SIGTSTP");
  await sees("stopped 148");
  await sees(" icanon");
  t.notMatch(shown(), /-icanon/, "the terminal is as it was before");
  type("\r");
  type("more\r");
  await sees("got more");
  await sees("ended 6");
});

t.test("the keys of a caller's terminal reach a command without one", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const plan = writePlan(
    box.dir,
    createPlan(box, ["sh", "-c", "trap 'echo told; exit 4' INT; echo ready; while :; do sleep 0.1; done"], waiting),
  );
  const { child, type, sees } = onTerminal(t, sandboxProgram, "create", plan, "--wait");
  await sees("ready");
  type("\x03");
  await sees("told");
  t.equal(await ended(child), 4);
});

t.test("who waits keeps nothing that the command has let go", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const plan = writePlan(box.dir, createPlan(box, ["sh", "-c", "exec 3>&-; exec sleep 1000"], waiting));
  const argv = ["create", plan, "--wait", "--keep", "1", "--report", "4"];
  const child = spawn(sandboxProgram, argv, { stdio: ["ignore", "inherit", "inherit", "pipe", "pipe"] });
  t.teardown(() => void child.kill("SIGKILL"));
  let report = "";
  child.stdio[4]?.on("data", (chunk: Buffer) => (report += chunk));
  const closed = (stream: number) => new Promise((done) => child.stdio[stream]?.once("close", done).on("data", () => undefined));
  await Promise.all([closed(3), closed(4)]);
  const pid = watch(t, report);
  t.ok(alive(pid), "the report is closed, too");
  process.kill(pid, "SIGKILL");
  t.equal(await ended(child), 137);
});
