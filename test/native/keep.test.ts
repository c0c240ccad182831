// The monitor after the end of its container: the wait before the next run, what takes it back, and the events it tells; and the probes
// of a container's health.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import type { Operation } from "../../src/plan/operation.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { alive, type Box, exitRecord, gone, killIfAlive, makeBox, makePlan, runAttached, startDetached, writePlan } from "./sandbox.ts";

const there = (box: Box, name: string) => existsSync(join(box.state, name));
const text = (box: Box, name: string) => readFileSync(join(box.state, name), "utf8");

/** Tells of its call in a file, with the files of the state directory as it found them. */
const onExit = (box: Box): Operation => [
  "on-exit",
  "/bin/sh",
  "-c",
  `ls ${box.state} | tr '\\n' ' ' > ${box.dir}/called.new; mv ${box.dir}/called.new ${box.dir}/called`,
];
const called = (box: Box) =>
  waitFor("the call", () => existsSync(join(box.dir, "called")) && readFileSync(join(box.dir, "called"), "utf8"));
const start = (box: Box, script: string, ...monitor: Operation[]) =>
  makePlan(box, ["sh", "-c", script], { state: true, monitor: [onExit(box), ...monitor] });

t.test("restart: the announcement is there before the end is, and who is called finds it", needRoot, async (t) => {
  const box = makeBox(t);
  const { monitorPid } = startDetached(t, box, start(box, "exit 3", ["restart", "always", "4", "300", "10000", "100"]));
  const before = Date.now();
  t.match(await exitRecord(box), /^code 3\n/);
  const [count, next] = text(box, "restarting").split(" ").map(Number);
  t.equal(count, 5);
  t.ok(Math.abs((next ?? 0) - before) < 60_000);
  t.match(await called(box), /restarting/);
  await gone(monitorPid);
});

t.test("restart: after which ends", needRoot, async (t) => {
  const cases: readonly (readonly [Operation, string, string | undefined, boolean])[] = [
    [["restart", "no", "0", "0", "0", "0"], "exit 1", undefined, false],
    [["restart", "failure", "0", "0", "0", "0"], "exit 0", undefined, false],
    [["restart", "failure", "0", "0", "0", "0"], "exit 1", undefined, true],
    [["restart", "always", "0", "0", "0", "0"], "exit 0", undefined, true],
    [["restart", "always", "0", "0", "0", "0"], "exit 0", "no", false],
    [["restart", "no", "0", "0", "0", "0"], "exit 1", "failure", true],
  ];
  await Promise.all(
    cases.map(async ([operation, script, file, isDue]) => {
      const box = makeBox(t);
      if (file) writeFileSync(join(box.state, "restart"), `${file}\n`);
      startDetached(t, box, start(box, script, operation));
      t.equal(/restarting/.test(await called(box)), isDue, `${operation[1]} ${script} ${file ?? ""}`);
    }),
  );
  const box = makeBox(t);
  t.match(runAttached(box, start(box, "true", ["restart", "often", "0", "0", "0", "0"])), {
    code: 125,
    report: /restart parse EINVAL often/,
  });
});

t.test("restart: SIGTERM and the file `stopped` take it back", needRoot, async (t) => {
  const policy: Operation = ["restart", "always", "0", "600000", "10000", "600000"];
  const asleep = makeBox(t);
  const { monitorPid } = startDetached(t, asleep, start(asleep, "exit 1", policy));
  await exitRecord(asleep);
  await waitFor("nobody to come in any more", () => !there(asleep, "attach"));
  t.ok(alive(monitorPid), "it sleeps");
  process.kill(monitorPid, "SIGTERM");
  t.notMatch(await called(asleep), /restarting/);
  await gone(monitorPid);
  t.notOk(there(asleep, "restarting"));

  const stopped = makeBox(t);
  writeFileSync(join(stopped.state, "stopped"), "");
  startDetached(t, stopped, start(stopped, "exit 1", policy));
  t.notMatch(await called(stopped), /restarting/);

  const down = makeBox(t);
  const running = startDetached(t, down, start(down, "trap 'exit 9' TERM; while :; do sleep 0.05; done", policy));
  await waitFor("the trap", () => /^SigCgt:.*4[0-9a-f]{3}$/m.test(readFileSync(`/proc/${running.initPid}/status`, "utf8")));
  process.kill(running.monitorPid, "SIGTERM");
  t.notMatch(await called(down), /restarting/, "the machine goes down");
  t.match(text(down, "exit"), /^code 9\n/);
});

t.test("events: the end once, with a counter that has counted, whatever the labels", needRoot, async (t) => {
  const box = makeBox(t);
  const [file, counter] = [join(box.dir, "events"), join(box.dir, "counter")];
  writeFileSync(counter, "low 3\noom_kill 1\n");
  const actor = `"Actor":{"ID":"1","Attributes":{"a\\"b":"${"x".repeat(5000)}","name":"n"`;
  const beganMs = Date.now();
  startDetached(t, box, start(box, "exit 5", ["events", file, "die", actor], ["event-counted", "oom", counter, "oom_kill"]));
  t.match(await exitRecord(box), /^told 1$/m);
  const tookSeconds = (Date.now() - beganMs) / 1000;
  const events = readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  t.same(
    events.map(({ Action }) => Action),
    ["oom", "die"],
  );
  t.match(events[1], {
    Type: "container",
    scope: "local",
    Actor: { ID: "1", Attributes: { name: "n", exitCode: "5", execDuration: /^\d+$/ } },
  });
  t.ok(Number(events[1].Actor.Attributes.execDuration) <= tookSeconds, "whole seconds of its run");
  t.equal(Math.floor(events[1].timeNano / 1e9), events[1].time);
  await called(box);
});

t.test("events: of a run without a state directory, as exec is one", needRoot, async (t) => {
  const box = makeBox(t);
  const file = join(box.dir, "events");
  const monitor: Operation[] = [["events", file, "exec_die", '"Actor":{"ID":"1","Attributes":{"execID":"2"']];
  t.match(runAttached(box, makePlan(box, ["sh", "-c", "exit 4"], { monitor })), { code: 4 });
  const event = JSON.parse(readFileSync(file, "utf8"));
  t.same(event.Actor, { ID: "1", Attributes: { execID: "2", exitCode: "4" } });
  t.equal(event.Action, "exec_die");
  const lost: Operation[] = [["events", "/no/such/directory/events", "die", ""]];
  t.match(runAttached(box, makePlan(box, ["true"], { monitor: lost })), { code: 125, report: /events open ENOENT/ });
});

/** A probe that enters as `exec` does; the root is the box's already. */
const probes = (script: string): Operation[] =>
  [
    ["stdio", "pipe"],
    ["stdin", "none"],
    ["setns-init", "pid", "mnt", "net", "ipc", "uts"],
    ["clone", "0"],
    ["barrier"],
    ["env", "PATH=/bin"],
    ["keeper"],
    ["exec", "sh", "-c", script],
  ].map((operation) => ["probe", ...operation] as const);

t.test("health: many probes, no process, descriptor or memory more", needRoot, async (t) => {
  const box = makeBox(t);
  const health: Operation = ["health", "5", "5000", "0", "1", "3", ""];
  const script = "setsid sleep 500 & sleep 600 & echo x >> /tmp/count; echo said";
  const { monitorPid, initPid } = startDetached(t, box, start(box, "exec sleep 1000", health, ...probes(script)));
  const count = () => (existsSync(join(box.root, "tmp/count")) ? readFileSync(join(box.root, "tmp/count"), "utf8").length / 2 : 0);
  const atLeast = (wanted: number) => waitFor(`${wanted} probes`, () => count() >= wanted);
  const own = () => Number(/^Private_Dirty: +(\d+)/m.exec(readFileSync(`/proc/${monitorPid}/smaps_rollup`, "utf8"))?.[1]);
  await atLeast(5);
  const [memory, open] = [own(), readdirSync(`/proc/${monitorPid}/fd`).length];
  await atLeast(60);
  // one under way has its buffers and its pipes
  await waitFor("no memory more", () => own() <= memory + 32);
  await waitFor("no descriptors more", () => readdirSync(`/proc/${monitorPid}/fd`).length <= open);
  t.equal(readFileSync(`/proc/${initPid}/task/${initPid}/children`, "utf8"), "", "process 1 has got no child");
  t.match(text(box, "health"), /^healthy 0\n(\d+ \d+ 0 said\\n\n){5}$/);
  t.ok(Number(alive(monitorPid)));
});

t.test("health: a plan of a probe that cannot be performed is a failure with its reason", needRoot, async (t) => {
  const box = makeBox(t);
  const health: Operation = ["health", "20", "5000", "0", "1", "1", ""];
  startDetached(t, box, start(box, "exec sleep 1000", health, ["probe", "no-such-operation"]));
  const file = await waitFor("a result", () => /^unhealthy .*\n.*$/m.exec(text(box, "health"))?.[0]);
  t.match(file, / -1 cannot run the probe: parse EINVAL no such operation/);
});

t.test("health: a paused container is not asked", needRoot, async (t) => {
  const box = makeBox(t);
  const freezer = join(box.dir, "freezer");
  writeFileSync(freezer, "FROZEN\n");
  const health: Operation = ["health", "5", "5000", "0", "1", "1", freezer];
  startDetached(t, box, start(box, "exec sleep 1000", health, ...probes("true")));
  t.equal(text(box, "health"), "starting 0\n");
  writeFileSync(freezer, "THAWED\n");
  await waitFor("the first answer", () => /^healthy 0\n/.test(text(box, "health")));
});

t.test("a lone monitor that sleeps, with a policy and a health check, is charged at most 0.25 MB", needRoot, async (t) => {
  const box = makeBox(t);
  // A copy, whose pages nobody else has mapped; of the shipped program, as the sanitizers' memory says nothing.
  const program = join(box.dir, "program");
  copyFileSync(fileURLToPath(new URL("../../dist/tsns-sandbox", import.meta.url)), program);
  const health: Operation = ["health", "20", "5000", "100000000", "100000000", "3", ""];
  const policy: Operation = ["restart", "always", "0", "100", "10000", "100"];
  const plan = writePlan(box.dir, start(box, "echo x; exec sleep 1000", policy, health, ...probes("echo said")));
  t.equal(spawnSync(program, ["run", plan], { env: {} }).status, 0);
  const [monitorPid = 0, monitorStart = 0] = text(box, "monitor").split(" ").map(Number);
  t.teardown(() => killIfAlive(monitorPid, monitorStart));
  const pss = () => Number(/^Pss: +(\d+)/m.exec(readFileSync(`/proc/${monitorPid}/smaps_rollup`, "utf8"))?.[1]);
  await waitFor(
    () => `at most 250 kB, it is ${pss()}`,
    () => pss() <= 250,
  );
});
