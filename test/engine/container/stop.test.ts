// Whom the end of a container signals: its own processes, never another that has got a number of theirs.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import t from "tap";
import { containerDirectory } from "../../../src/engine/container/directory.ts";
import { observeContainer } from "../../../src/engine/container/observe.ts";
import { endContainer } from "../../../src/engine/container/stop.ts";
import { ownIdentity } from "../../../src/kernel/proc/identity.ts";
import { deleteContainer, insertContainer } from "../../../src/store/container-record.ts";
import { readHolder } from "../../../src/store/operation-lock.ts";
import { makeRecord } from "../../fixture/request.ts";
import { openTestEngine } from "../../fixture/store.ts";

t.test("a process that has the pid of an ended process 1 is left alone", async (t) => {
  const engine = openTestEngine(t);
  const record = makeRecord({ run: { startedMs: 1, cgroups: {}, endpoints: [] } });
  engine.store.transaction(() => insertContainer(engine.store, record));
  const bystander = spawn("sleep", ["1000"], { stdio: "ignore" });
  const ended = once(bystander, "exit");
  await once(bystander, "spawn");
  const directory = containerDirectory(engine.root, record.id).path;
  mkdirSync(directory, { recursive: true });
  const { pid, startTime } = ownIdentity();
  writeFileSync(`${directory}/monitor`, `${pid} ${startTime} ${bystander.pid} 5\n`);
  const observed = observeContainer(engine, record);
  t.match(observed, { status: "running", pid: bystander.pid });
  await endContainer(engine, observed, "stop", { signal: 15, graceSeconds: 1 });
  bystander.kill("SIGKILL");
  t.equal((await ended)[1], "SIGKILL", "nobody else has ended it");
});

t.test("one that another command has removed since it was looked at is said to be gone", async (t) => {
  const engine = openTestEngine(t);
  const record = makeRecord({ run: { startedMs: 1, cgroups: {}, endpoints: [] } });
  engine.store.transaction(() => insertContainer(engine.store, record));
  const directory = containerDirectory(engine.root, record.id).path;
  mkdirSync(directory, { recursive: true });
  const { pid, startTime } = ownIdentity();
  writeFileSync(`${directory}/monitor`, `${pid} ${startTime} ${pid} ${startTime}\n`);
  const observed = observeContainer(engine, record);
  t.match(observed, { status: "running" });
  rmSync(directory, { recursive: true });
  deleteContainer(engine.store, record.id);
  await t.rejects(endContainer(engine, observed, "stop", { signal: 15, graceSeconds: 1 }), {
    code: "no-such-container",
    message: `No such container: ${record.name}`,
  });
  t.equal(readHolder(engine.store, record.id), undefined, "nobody holds its lock");
});
