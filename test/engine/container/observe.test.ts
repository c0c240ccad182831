// What is true of a container, from its record and the monitor's files.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { containerDirectory } from "../../../src/engine/container/directory.ts";
import { exitOfFile, observeContainer } from "../../../src/engine/container/observe.ts";
import { ownIdentity, readStartTime } from "../../../src/kernel/proc/identity.ts";
import { insertContainer, updateContainerState } from "../../../src/store/container-record.ts";
import { releaseHolder, writeHolder } from "../../../src/store/operation-lock.ts";
import { makeRecord, testId } from "../../fixture/request.ts";
import { openTestEngine } from "../../fixture/store.ts";

const run = { startedMs: 1, cgroups: { memory: "/cg" }, endpoints: [] };
const exit = { exitCode: 4, signal: 0, finishedMs: 2, oomKilled: false, error: "" };

/** An engine whose container has these files. */
function prepare(t: Test, files: Readonly<Record<string, string>>) {
  const engine = openTestEngine(t);
  const { path } = containerDirectory(engine.root, testId);
  mkdirSync(path, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(`${path}/${name}`, text);
  return engine;
}

const { pid, startTime } = ownIdentity();
const alive = `${pid} ${startTime} 4711 5\n`;
const dead = `${pid} ${startTime + 1} 4711 5\n`;

t.test("never started; cleaned up", async (t) => {
  const engine = prepare(t, {});
  t.match(observeContainer(engine, makeRecord()), { status: "created", pid: 0, monitor: undefined });
  t.match(observeContainer(engine, makeRecord({ run, exit })), { status: "exited", record: { exit } });
  t.match(observeContainer(engine, makeRecord({ exit })), { status: "exited" }, "a start that failed");
});

t.test("running", async (t) => {
  const engine = prepare(t, { monitor: alive });
  t.match(observeContainer(engine, makeRecord({ run, exit })), { status: "running", pid: 4711, monitorPid: pid });
  t.match(observeContainer(engine, makeRecord()), { status: "created" }, "files of a run that is not recorded");
});

t.test("ended, the monitor still passes output on", async (t) => {
  const engine = prepare(t, { monitor: alive, exit: "code 3\nsignal 0\nfinished 7.5\n" });
  t.match(observeContainer(engine, makeRecord({ run, exit })), {
    status: "exited",
    pid: 0,
    record: { exit: { exitCode: 3, finishedMs: 7500, error: "" } },
    exitFile: { code: 3 },
  });
});

t.test("the monitor is gone", async (t) => {
  t.match(observeContainer(prepare(t, { monitor: dead }), makeRecord({ run })), {
    status: "exited",
    record: { exit: { exitCode: 137, signal: 9, error: /monitor was killed/ } },
    exitFile: undefined,
  });
  t.match(observeContainer(prepare(t, { monitor: dead, exit: "code 0\nsignal 0\n" }), makeRecord({ run })), {
    status: "exited",
    record: { exit: { exitCode: 0 } },
  });
  t.match(observeContainer(prepare(t, { monitor: "torn" }), makeRecord({ run })), { status: "created" });
});

t.test("ended and cleaned up since its record was read", async (t) => {
  const engine = prepare(t, {});
  insertContainer(engine.store, makeRecord());
  updateContainerState(engine.store, testId, { run, exit });
  t.match(observeContainer(engine, makeRecord({ run })), { status: "exited", record: { exit } });
  t.match(observeContainer(prepare(t, {}), makeRecord({ run })), { status: "created" }, "being started, or removed");
});

const restartDue = { ...exit, restartDue: true };
const living = { pid: process.ppid, startTime: readStartTime(process.ppid) ?? 0 };
const next = `${living.pid} ${living.startTime} 4712 6\n`;

/** Stores what has become of the container since its record was read; `script` is run in its directory when the file is read, which is empty then. */
function meanwhile(t: Test, files: Readonly<Record<string, string>>, state: object, file: string, script: string) {
  const engine = prepare(t, files);
  const { path } = containerDirectory(engine.root, testId);
  insertContainer(engine.store, makeRecord());
  updateContainerState(engine.store, testId, state);
  execFileSync("mkfifo", [`${path}/${file}`]);
  const child = spawn("sh", ["-ec", `exec 3> ${file}; ${script}`], { cwd: path, stdio: ["ignore", "ignore", "inherit"] });
  t.teardown(() => child.kill("SIGKILL"));
  return engine;
}

t.test("its next run comes between two looks", async (t) => {
  const ended = { monitor: alive, restarting: "1 5\n", "monitor.next": next };
  const cleaned = meanwhile(t, ended, { run, exit: restartDue }, "exit", "rm monitor restarting exit");
  writeHolder(cleaned.store, testId, { name: "restart by policy", ...living });
  t.match(observeContainer(cleaned, makeRecord({ run })), { status: "restarting", record: { exit: restartDue } });
  const again = { ...run, startedMs: 3 };
  const started = meanwhile(t, ended, { run: again }, "exit", "mv monitor.next monitor; rm restarting exit");
  t.match(observeContainer(started, makeRecord({ run })), { status: "running", pid: 4712, record: { run: again } });
  const due = makeRecord({ run, exit: restartDue });
  const made = meanwhile(t, { "monitor.next": next }, { run: again }, "monitor", "mv monitor.next monitor");
  t.match(observeContainer(made, due), { status: "running", pid: 4712, record: { run: again } });
  const givenUp = prepare(t, {});
  insertContainer(givenUp.store, makeRecord());
  updateContainerState(givenUp.store, testId, { run: again, exit: { ...exit, finishedMs: 4, error: "no" } });
  t.match(observeContainer(givenUp, due), { status: "exited", record: { exit: { error: "no" } } });
});

t.test("its next run is being made", async (t) => {
  const engine = prepare(t, {});
  const anew = { ...run, restarts: { count: 1, delayMs: 100 } };
  const record = makeRecord({ run: anew });
  insertContainer(engine.store, makeRecord());
  updateContainerState(engine.store, testId, { run: anew });
  writeHolder(engine.store, testId, { name: "restart by policy", ...living });
  t.match(observeContainer(engine, record), { status: "restarting", pid: 0 });
  releaseHolder(engine.store, testId, living.pid);
  t.match(observeContainer(engine, record), { status: "created" }, "who made it was killed");
});

t.test("ends by signal and out of memory", async (t) => {
  const of = (records: Record<string, string>, cgroups: Record<string, string>) =>
    exitOfFile({ code: 137, signal: 9, finishedMs: 1, records }, makeRecord({ run: { startedMs: 1, cgroups, endpoints: [] } }));
  t.match(of({}, { memory: "/cg" }), { exitCode: 137, signal: 9, oomKilled: false });
  t.match(of({ oom: "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n" }, { memory: "/cg" }), { oomKilled: true });
  t.match(of({ oom: "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n" }, { memory: "/cg" }), { oomKilled: false });
  t.match(of({ oom: "low 0\noom 1\noom_kill 1\n" }, { unified: "/cg" }), { oomKilled: true });
});
