// The gate: who starts, who only looks, who goes away, and what they are told.
import { spawnSync } from "node:child_process";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import t, { type Test } from "tap";
import type { Operation } from "../../src/plan/operation.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { type Caller, call, create, createPlan, gatePath, start, startCreator } from "./creator.ts";
import { alive, type Box, gone, makeBox } from "./sandbox.ts";

const connected = (caller: Caller) =>
  new Promise<void>((done) => (caller.socket.connecting ? void caller.socket.once("connect", done) : done()));

/** A container at its gate. */
function waiting(t: Test, box: Box, last: readonly Operation[] = [], command = ["sleep", "1000"]) {
  const made = create(t, box, createPlan(box, command, { last }));
  if (made.pid === 0) throw new Error(made.report + made.output());
  return made;
}

t.test("connections that send nothing", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const { pid } = waiting(t, box);
  const looked = call(t, gatePath(box));
  await connected(looked);
  looked.socket.destroy();
  const halfway = call(t, gatePath(box));
  halfway.socket.end();
  t.equal(await halfway.closed, "", "an end without a byte is none");
  t.ok(alive(pid));
  const idle = Array.from({ length: 100 }, () => call(t, gatePath(box)));
  await Promise.all(idle.map(connected));
  await Promise.all(idle.slice(0, 60).map(({ closed }) => closed));
  t.equal(await start(t, gatePath(box)), "exec\n", "however many there are");
  await Promise.all(idle.map(({ closed }) => closed));
  t.strictSame(new Set(idle.map(({ text }) => text())), new Set([""]), "nobody else is told anything");
  t.ok(alive(pid));
});

t.test("who listens there is init", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const { pid } = waiting(t, box);
  const script =
    "import socket, struct, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); print(struct.unpack('3i', s.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0])";
  t.equal(spawnSync("python3", ["-c", script, gatePath(box)], { encoding: "utf8" }).stdout, `${pid}\n`);
});

t.test("of several starters one has started it", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  waiting(t, box);
  const answers = await Promise.all(Array.from({ length: 20 }, () => start(t, gatePath(box))));
  t.equal(answers.filter((answer) => answer === "exec\n").length, 1);
  for (const answer of answers.filter((one) => one !== "exec\n")) t.match(answer, /^(ECONNRESET|ECONNREFUSED|EPIPE)?$/);
});

t.test("a starter that has gone", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const { output } = waiting(t, box, [], ["echo", "runs"]);
  const caller = call(t, gatePath(box));
  await connected(caller);
  await new Promise<void>((done) => void caller.socket.write("s", () => done()));
  caller.socket.destroy();
  await waitFor("the command", () => output() === "runs\n");
});

t.test("init that dies at its gate", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const { pid } = waiting(t, box);
  const caller = call(t, gatePath(box));
  await connected(caller);
  process.kill(pid, "SIGKILL");
  await caller.closed;
  t.equal(caller.text(), "");
  await gone(pid);
  t.equal(await start(t, gatePath(box)), "ECONNREFUSED");
});

t.test("signals that end a process end it there", { ...needRoot, buffered: true }, async (t) => {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1"] as const) {
    const box = makeBox(t);
    const { pid } = waiting(t, box);
    for (const harmless of ["SIGCONT", "SIGWINCH", "SIGTSTP", "SIGCHLD"] as const) process.kill(pid, harmless);
    t.ok(alive(pid));
    process.kill(pid, signal);
    t.ok(await gone(pid), signal);
    t.equal(await start(t, gatePath(box)), "ECONNREFUSED");
  }
});

t.test("what fails behind the gate is told to the starter", { ...needRoot, buffered: true }, async (t) => {
  const cases: [Operation[], string[], RegExp][] = [
    [[], ["nosuch"], /^exec\nerror \d+ exec execve ENOENT nosuch\n$/],
    [[["chdir", "/none", "0"]], ["true"], /^error \d+ chdir chdir ENOENT \/none\n$/],
    [[["hook", "h", "0", "", "", "own", "0", "/bin/false"]], ["true"], /^error \d+ hook wait ECHILD h: exited with 1: \/bin\/false\n$/],
  ];
  for (const [last, command, answer] of cases) {
    const box = makeBox(t);
    const { pid, code } = waiting(t, box, last, command);
    t.equal(code, 0);
    t.match(await start(t, gatePath(box)), answer);
    t.ok(await gone(pid));
  }
});

t.test("one that dies between the byte and the command", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  writeFileSync(join(box.root, "slow"), "#!/bin/sh\necho here >&2\nexec sleep 1000\n");
  chmodSync(join(box.root, "slow"), 0o755);
  const { pid, output } = waiting(t, box, [["hook", "h", "0", "", "", "own", "0", "/slow", "PATH=/bin"]]);
  const answer = start(t, gatePath(box));
  await waitFor("the hook", () => output() === "here\n");
  process.kill(pid, "SIGKILL");
  t.match(await answer, /^(ECONNRESET)?$/, "no word of a command");
});

t.test("a start before init is there is a start", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  writeFileSync(join(box.dir, "go"), "");
  const script = "echo waits >&2; while test -e $0; do sleep 0.05; done";
  const meet: Operation[] = [
    ["meet", "hook", "h", "0", "", "", "own", "4", "/bin/sh", "sh", "-c", script, join(box.dir, "go"), "PATH=/bin:/usr/bin"],
  ];
  const creator = startCreator(t, box, createPlan(box, ["echo", "runs"], { monitor: meet, inside: [["meet"]] }));
  await waitFor("the hook", () => creator.output() === "waits\n");
  const answer = start(t, gatePath(box));
  t.equal(creator.report(), "", "it is not yet made");
  rmSync(join(box.dir, "go"));
  t.equal(await answer, "exec\n");
  await creator.silent;
  t.equal(creator.output(), "waits\nruns\n");
});

t.test("whatever callers do, the last one starts it", { ...needRoot, buffered: true }, async (t) => {
  const act = fc.constantFrom("leave", "stay", "end", "look");
  const property = fc.asyncProperty(fc.array(act, { maxLength: 80 }), async (acts) => {
    const box = makeBox(t);
    const { pid } = waiting(t, box);
    for (const what of acts) {
      const caller = call(t, gatePath(box));
      await connected(caller);
      if (what === "leave") caller.socket.destroy();
      if (what === "end") caller.socket.end();
      if (what === "look") caller.socket.once("data", () => caller.socket.destroy());
    }
    const answer = await start(t, gatePath(box));
    const runs = answer === "exec\n" && alive(pid) !== undefined;
    process.kill(pid, "SIGKILL");
    await gone(pid);
    return runs;
  });
  await fc.assert(property, { numRuns: 15 });
});
