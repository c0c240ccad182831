// The creator that waits: statuses, signals, the terminal it relays, job control; and the one that gives its terminal away.
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import type { Operation } from "../../src/plan/operation.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { create, createPlan, gatePath, start, startCreator, watch } from "./creator.ts";
import { alive, type Box, ended, gone, makeBox, sandboxProgram, writePlan } from "./sandbox.ts";

const waiting = { gate: false } as const;

t.test("the status of init", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  t.match(create(t, box, createPlan(box, ["sh", "-c", "exit 7"], waiting), ["--wait"]), { code: 7, report: /^started / });
  t.match(create(t, box, createPlan(box, ["true"], waiting), ["--wait"]), { code: 0 });
  t.match(create(t, box, createPlan(box, ["nosuch"], waiting), ["--wait"]), { code: 125, report: /^error / });
  const { child, report, output } = startCreator(t, box, createPlan(box, ["sh", "-c", "echo runs; exec sleep 1000"], waiting), ["--wait"]);
  await waitFor("the command", () => output() === "runs\n");
  process.kill(Number(report().split(" ")[1]), "SIGKILL");
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
  const script = `${traps}; trap 'exit 5' PWR; echo ready; while :; do read -t 1000 line < /tmp/fifo; done`;
  const { child, output } = startCreator(t, box, createPlan(box, ["sh", "-c", `mkfifo /tmp/fifo; exec 3<>/tmp/fifo; ${script}`], waiting), [
    "--wait",
  ]);
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

const receiver = `
import array, os, socket, sys
listener = socket.socket(socket.AF_UNIX); listener.bind(sys.argv[1]); listener.listen(); print("listens", flush=True)
connection, _ = listener.accept()
data, control, _, _ = connection.recvmsg(4096, 64)
master = array.array("i", control[0][2])[0]
print("name", data.decode(), len(control), connection.recv(1) == b"", flush=True)
os.write(master, b"typed\\n")
while True:
    try: chunk = os.read(master, 4096)
    except OSError: break
    if not chunk: break
    os.write(1, chunk)
print("ended", flush=True)
`;

t.test("a terminal that goes to a console socket", { ...needRoot, buffered: true }, async (t) => {
  for (const length of [1, 150]) {
    const box = makeBox(t);
    const path = join(box.dir, "c".repeat(length));
    const listener = spawn("python3", ["-c", receiver, length > 100 ? `/proc/self/cwd/${"c".repeat(30)}` : path], {
      stdio: ["ignore", "pipe", "inherit"],
      cwd: box.dir,
    });
    t.teardown(() => void listener.kill("SIGKILL"));
    let shown = "";
    listener.stdout?.on("data", (chunk: Buffer) => (shown += chunk));
    await waitFor("the listener", () => shown === "listens\n");
    const socket = length > 100 ? join(box.dir, "./".repeat(60), "c".repeat(30)) : path;
    const plan = createPlan(box, ["sh", "-c", "tty; read line; echo got $line; echo error >&2"], {
      stdio: "pty",
      monitor: [["console-socket", "130", length > 100 ? `${box.dir}${"/.".repeat(60)}/${"c".repeat(30)}` : socket]],
    });
    const { code, report, pid, output } = create(t, box, plan);
    t.match([code, report], [0, /^created /]);
    await waitFor("the terminal", () => /^name \/dev\/pts\/0 1 True$/m.test(shown));
    t.equal(await start(t, gatePath(box)), "exec\n");
    await waitFor("its end", () => shown.endsWith("ended\n"));
    t.match(shown, /\/dev\/pts\/0\r\n(.*\r\n)*got typed\r\nerror\r\n/);
    t.equal(output(), "", "nothing of it comes to the creator's streams");
    t.ok(await gone(pid));
  }
  const box = makeBox(t);
  const nobody = create(t, box, createPlan(box, ["true"], { stdio: "pty", monitor: [["console-socket", "130", join(box.dir, "none")]] }));
  t.match([nobody.code, nobody.report], [125, /^error 2 console-socket connect ENOENT /]);
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
