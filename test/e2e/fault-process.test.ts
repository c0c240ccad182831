// Death of what stands behind a container (its monitor, its process 1) and state files that tell of processes that are
// no more, as after a reboot: told truly, cleaned up by the next command.
import "../fixture/fresh-namespaces.ts";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { makeBusyboxTar } from "../fixture/busybox.ts";
import { type DataRoot, makeRoot } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { cgroupsOf, idsOf, leftOf, nothingLeft, portsOfBridges, processesOf, rulesOf } from "./fault-lab.ts";

async function makeBox(t: Test): Promise<DataRoot> {
  const root = makeRoot(t);
  writeFileSync(`${root.path}/image.tar`, makeBusyboxTar());
  await root.ok(["import", `${root.path}/image.tar`, "box"]);
  return root;
}

const inspect = (root: DataRoot, name: string, format: string) => root.ok(["inspect", "-f", format, name]);

/** The four numbers of the file `monitor`. */
function monitorOf(root: DataRoot, id: string): [number, number, number, number] {
  return readFileSync(`${root.path}/containers/${id}/monitor`, "utf8").trim().split(" ").map(Number) as [number, number, number, number];
}

const nothingRuns = (root: DataRoot, id: string) =>
  waitFor(
    () => `the end of ${JSON.stringify(processesOf(`${root.path}/containers/${id}`))}`,
    () => processesOf(`${root.path}/containers/${id}`).length === 0,
  );

t.test("SIGKILL of the monitor takes the container along; the next command tells and cleans up", needRoot, async (t) => {
  const root = await makeBox(t);
  const id = await root.ok([
    "run",
    "-d",
    "--name",
    "one",
    "-p",
    "0:80",
    "--memory",
    "64m",
    "box",
    "sh",
    "-c",
    "test -e /f || echo x > /f; sleep 100000 & sleep 100000",
  ]);
  await waitFor("its file", async () => (await root.tsns(["exec", "one", "cat", "/f"])).stdout === "x\n");
  t.not(cgroupsOf([id]).length, 0);
  t.not(rulesOf([id]).length, 0);
  const [monitorPid] = monitorOf(root, id);
  process.kill(monitorPid, "SIGKILL");
  await nothingRuns(root, id);
  t.match(await root.ok(["ps", "-a", "--format", "{{.Names}} {{.Status}}"]), /^one Exited \(137\)/);
  t.match(
    await inspect(root, "one", "{{.State.Status}} {{.State.ExitCode}} {{.State.Error}}"),
    "exited 137 the container's monitor was killed",
  );
  t.same(cgroupsOf([id]), [], "its cgroups are gone");
  t.same(rulesOf([id]), [], "its rules are gone");
  await waitFor("its link to be gone", () => portsOfBridges(root).length === 0);
  await root.ok(["start", "one"]);
  t.equal(await root.ok(["exec", "one", "cat", "/f"]), "x", "it starts again with its files");
  await root.ok(["rm", "-f", "one"]);
  await nothingLeft(t, root, [id]);
});

t.test("SIGKILL of the monitor of a container in the host's pid namespace: what it left running ends", needRoot, async (t) => {
  const root = await makeBox(t);
  const id = await root.ok(["run", "-d", "--name", "one", "--pid", "host", "box", "sh", "-c", "sleep 100000 & sleep 100000"]);
  await waitFor("monitor and both processes", () => processesOf(`${root.path}/containers/${id}`).length >= 3);
  process.kill(monitorOf(root, id)[0], "SIGKILL");
  await waitFor("the end of process 1", async () => /^exited/.test(await inspect(root, "one", "{{.State.Status}}")));
  await root.ok(["ps"]);
  await nothingRuns(root, id);
  await root.ok(["rm", "one"]);
  await nothingLeft(t, root, [id]);
});

t.test("SIGKILL of the monitor of a container that is removed when it ends", needRoot, async (t) => {
  const root = await makeBox(t);
  const id = await root.ok(["run", "-d", "--rm", "-p", "0:80", "box", "sleep", "100000"]);
  process.kill(monitorOf(root, id)[0], "SIGKILL");
  await nothingRuns(root, id);
  t.equal(await root.ok(["ps", "-aq"]), "", "the next command has removed it");
  await nothingLeft(t, root, [id]);
});

t.test("SIGKILL of process 1 from outside", needRoot, async (t) => {
  const root = await makeBox(t);
  const id = await root.ok(["run", "-d", "--name", "one", "-p", "0:80", "box", "sleep", "100000"]);
  const gone = await root.ok(["run", "-d", "--rm", "-p", "0:80", "box", "sleep", "100000"]);
  const waiting = root.tsns(["wait", "one"]);
  for (const each of [id, gone]) process.kill(monitorOf(root, each)[2], "SIGKILL");
  t.match(await waiting, { code: 0, stdout: "137\n" });
  await waitFor("the monitors to have cleaned up", () => cgroupsOf([id, gone]).length === 0 && rulesOf([id, gone]).length === 0);
  t.equal(await inspect(root, "one", "{{.State.Status}} {{.State.ExitCode}}"), "exited 137");
  await waitFor("the record to be gone", async () => (await root.ok(["ps", "-aq", "--no-trunc"])) === id);
  await waitFor("the monitors to end", () => processesOf(root.path).length === 0);
  await root.ok(["rm", "one"]);
  await nothingLeft(t, root, [id, gone]);
});

t.test("SIGKILL of an attached run: the container goes on and cleans up after itself", needRoot, async (t) => {
  const root = await makeBox(t);
  const run = root.start(["run", "--rm", "--name", "one", "box", "sh", "-c", "echo up; while [ ! -e /stop ]; do sleep 0.1; done"]);
  await new Promise((done) => run.stdout.once("data", done));
  const [id = ""] = idsOf(root);
  run.kill("SIGKILL");
  await new Promise((done) => run.once("close", done));
  t.match(await root.ok(["ps", "--format", "{{.Names}} {{.State}}"]), "one running");
  await root.ok(["exec", "one", "touch", "/stop"]);
  await waitFor(
    () => `it to be removed: ${leftOf(root, [id])}`,
    () => leftOf(root, [id]).length === 0,
  );
});

t.test("SIGKILL of everything of a container at once", needRoot, async (t) => {
  const root = await makeBox(t);
  const run = root.start(["run", "--name", "one", "-p", "0:80", "box", "sh", "-c", "echo up; sleep 100000"]);
  await new Promise((done) => run.stdout.once("data", done));
  const [id = ""] = idsOf(root);
  const [monitorPid, , initPid] = monitorOf(root, id);
  run.kill("SIGKILL");
  for (const pid of [monitorPid, initPid]) process.kill(pid, "SIGKILL");
  await nothingRuns(root, id);
  const again = await root.tsns(["run", "--rm", "box", "true"]);
  t.match(again, { code: 0, stderr: "" }, "other containers start");
  t.match(await root.ok(["ps", "-a", "--format", "{{.Names}} {{.State}}"]), "one exited");
  t.same([...cgroupsOf([id]), ...rulesOf([id])], []);
  await root.ok(["rm", "one"]);
  await nothingLeft(t, root, [id]);
});

t.test("state files of an earlier boot: their pids belong to others now", needRoot, async (t) => {
  const root = await makeBox(t);
  const id = await root.ok(["run", "-d", "--name", "one", "-p", "0:80", "box", "sleep", "100000"]);
  const [monitorPid] = monitorOf(root, id);
  process.kill(monitorPid, "SIGKILL");
  await nothingRuns(root, id);
  writeFileSync(`${root.path}/containers/${id}/monitor`, `${process.pid} 1 ${process.ppid} 1\n`);
  t.match(await root.ok(["ps", "-a", "--format", "{{.Names}} {{.State}}"]), "one exited");
  t.match(await root.tsns(["stop", "one"]), { code: 0 }, "a stop hits nobody");
  t.match(await root.tsns(["kill", "one"]), { code: 1, stderr: /^tsns: container one is not running/ });
  await root.ok(["start", "one"]);
  t.equal(await inspect(root, "one", "{{.State.Status}}"), "running");
  await root.ok(["rm", "-f", "one"]);
  await nothingLeft(t, root, [id]);
});

t.test("a damaged state file", needRoot, async (t) => {
  const root = await makeBox(t);
  for (const text of ["", "12", "a b c d\n", "\0\0\0\0"]) {
    const id = await root.ok(["run", "-d", "--name", "one", "box", "sleep", "100000"]);
    const [monitorPid] = monitorOf(root, id);
    process.kill(monitorPid, "SIGKILL");
    await nothingRuns(root, id);
    writeFileSync(`${root.path}/containers/${id}/monitor`, text);
    t.match(await root.ok(["ps", "-a", "--format", "{{.Names}}"]), "one", JSON.stringify(text));
    await root.ok(["rm", "-f", "one"]);
    await nothingLeft(t, root, [id]);
  }
});

t.test("directories without a record and records without a directory", needRoot, async (t) => {
  const root = await makeBox(t);
  const id = await root.ok(["create", "--name", "one", "box", "true"]);
  const started = await root.ok(["run", "-d", "--name", "two", "box", "true"]);
  await root.ok(["wait", "two"]);
  // Its files go when its end has been recorded.
  await waitFor("the clean-up of two", () => !existsSync(`${root.path}/containers/${started}/monitor`));
  await waitFor("the end of two", () => processesOf(root.path).length === 0);
  rmSync(`${root.path}/containers/${started}`, { recursive: true });
  const orphan = "f".repeat(64);
  mkdirSync(`${root.path}/containers/${orphan}/upper/a`, { recursive: true });
  mkdirSync(`${root.path}/tmp/999999999-1-abc`, { recursive: true });
  t.match((await root.ok(["ps", "-a", "--format", "{{.Names}} {{.State}}"])).split("\n"), ["two exited", "one created"]);
  t.same(idsOf(root).sort(), [id, started].sort(), "a directory that no record knows is removed");
  t.match(await root.tsns(["logs", "two"]), { code: 0, stdout: "" });
  await root.ok(["rm", "one", "two"]);
  await root.ok(["import", `${root.path}/image.tar`, "again"]);
  t.same(leftOf(root, [id, started, orphan]), [], "unfinished work of commands that are no more is removed by the next that works there");
});
