// Containers whose groups are the same, or one below the other's: nobody's end is anybody else's. And those without a process 1 of their own.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { readHierarchies } from "../../src/kernel/cgroup/observe.ts";
import { type Document, type OciBox, ociProgram, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

const options = { ...needRoot, buffered: true };
let made = 0;

/** A logical path of the test's own; its directories, outermost first, go when all containers have. */
function newGroup(t: Test, ...below: readonly string[]): string {
  const path = `/tsns-test-group-${process.pid}-${made++}`;
  t.teardown(() => {
    for (const name of [...below.map((one) => `/${one}`), ""]) for (const directory of directoriesOf(path + name)) rmdirSync(directory);
  });
  return path;
}

const directoriesOf = (path: string) =>
  readHierarchies()
    .map(({ mountPoint }) => mountPoint + path)
    .filter((one) => existsSync(one));

const inGroup = (path: string) => (config: Document) => Object.assign(config.linux, { cgroupsPath: path });

const withoutPids = (config: Document) => {
  config.linux.namespaces = config.linux.namespaces.filter(({ type }: Document) => type !== "pid");
};

async function killed(box: OciBox, id: string): Promise<void> {
  box.oci(["kill", id, "KILL"]);
  await waitFor(`${id} to stop`, () => box.state(id).status === "stopped");
}

/** A process of the test's own in every hierarchy's group. */
function inhabit(t: Test, path: string): ChildProcess {
  const child = spawn("sleep", ["1000"], { stdio: "ignore" });
  t.teardown(() => child.kill("SIGKILL"));
  for (const directory of directoriesOf(path)) writeFileSync(`${directory}/cgroup.procs`, `${child.pid}`);
  return child;
}

function makeGroup(path: string): void {
  for (const { mountPoint, version } of readHierarchies()) {
    const directory = mountPoint + path;
    mkdirSync(directory);
    // v1: nobody may come in before these are filled.
    if (version === "v1" && existsSync(`${directory}/cpuset.cpus`))
      for (const file of ["cpuset.cpus", "cpuset.mems"])
        writeFileSync(`${directory}/${file}`, readFileSync(`${mountPoint}/${file}`, "utf8"));
  }
}

t.test("a group that others run in is refused, an empty one is taken", options, async (t) => {
  const group = newGroup(t);
  const box = openOciBox(t);
  const bundle = box.bundle("exec sleep 1000", inGroup(`${group}/box`));
  t.match(box.oci(["run", "-d", "-b", bundle, "first"]), { status: 0, stderr: "" });
  const refused = { status: 1, stderr: /container's cgroup is not empty: 1 process\(es\) found in \S*\/box /m };
  t.match(box.oci(["create", "-b", bundle, "second"]), refused);
  t.match(box.oci(["run", "-b", bundle, "second"]), refused);
  t.match(
    box.oci(["create", "-b", box.bundle("true", inGroup(group)), "second"]),
    { status: 1, stderr: /not empty: 1 process/ },
    "below it",
  );
  t.match(box.oci(["state", "second"]), { status: 1 }, "nothing is left of it");
  t.match(box.oci(["create", "-b", bundle, "first"]), { status: 1, stderr: /already exists: first/ }, "an id that is taken is said");
  t.equal(box.state("first").status, "running");
  await killed(box, "first");
  t.match(box.oci(["run", "-d", "-b", bundle, "second"]), { status: 0, stderr: "" }, "who has stopped is in no group");
  t.match(box.oci(["delete", "first"]), { status: 1, stderr: /still in use by process \d+/ });
  t.equal(box.state("second").status, "running", "it is not the end of who came after");
  t.equal(box.oci(["delete", "--force", "second"]).status, 0);
  t.equal(box.oci(["delete", "first"]).status, 0);
  makeGroup(`${group}/box`);
  t.match(box.oci(["run", "-b", box.bundle("exit 7", inGroup(`${group}/box`)), "third"]), { status: 7, stderr: "" }, "made by an engine");
  t.same(directoriesOf(`${group}/box`), []);
});

t.test("the group of the caller is shared, and stays", options, async (t) => {
  const group = newGroup(t);
  const box = openOciBox(t);
  makeGroup(group);
  const bundle = box.bundle("exit 7", inGroup(group));
  const join = `for d in ${directoriesOf(group).join(" ")}; do echo $$ > $d/cgroup.procs; done; exec "$@"`;
  const child = spawn("sh", ["-c", join, "sh", ociProgram, "--root", box.root, "run", "-b", bundle, "box"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const code = await new Promise((done) => child.once("exit", done));
  t.equal(code, 7);
  t.equal(directoriesOf(group).length, readHierarchies().length);
});

t.test("delete: who runs in a group below goes on", options, async (t) => {
  const group = newGroup(t, "above");
  const box = openOciBox(t);
  const bundleAt = (path: string) => box.bundle("exec sleep 1000", inGroup(`${group}${path}`));
  t.equal(box.oci(["run", "-d", "-b", bundleAt("/above"), "above"]).status, 0);
  t.equal(box.oci(["run", "-d", "-b", bundleAt("/above/below"), "below"]).status, 0);
  await killed(box, "above");
  const inUse = { status: 1, stderr: /cgroup \S+\/above is still in use by process \d+/ };
  t.match(box.oci(["delete", "above"]), inUse);
  t.match(box.oci(["delete", "--force", "above"]), inUse);
  t.equal(box.state("below").status, "running");
  t.equal(box.state("above").status, "stopped", "what could not be taken away is still there to be");
  t.equal(box.oci(["delete", "--force", "below"]).status, 0);
  t.match(box.oci(["delete", "above"]), { status: 0, stderr: "" });
  t.same(directoriesOf(`${group}/above`), []);
});

t.test("run: the program's status is told, also when its group cannot be taken away", options, async (t) => {
  const group = newGroup(t);
  const box = openOciBox(t);
  const bundle = box.bundle("echo > /ready; while [ ! -e /go ]; do sleep 0.05; done; exit 7", inGroup(`${group}/box`));
  const child = spawn(ociProgram, ["--root", box.root, "run", "-b", bundle, "box"], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk));
  const closed = new Promise((done) => child.once("close", done));
  await waitFor("the program", () => existsSync(`${bundle}/rootfs/ready`));
  const guest = inhabit(t, `${group}/box`);
  writeFileSync(`${bundle}/rootfs/go`, "");
  t.equal(await closed, 7);
  t.match(said, /container box has not been deleted: cgroup \S+ is still in use by process \d+/);
  t.equal(guest.exitCode ?? guest.signalCode, null, "the guest lives");
  guest.kill("SIGKILL");
  await waitFor("the guest to leave", () =>
    directoriesOf(`${group}/box`).every((one) => !readFileSync(`${one}/cgroup.procs`, "utf8").trim()),
  );
  t.equal(box.oci(["delete", "box"]).status, 0);
});

t.test("delete --force of what is paused", options, async (t) => {
  const box = openOciBox(t);
  t.equal(box.oci(["run", "-d", "-b", box.bundle("sleep 1000 & exec sleep 1000"), "box"]).status, 0);
  t.equal(box.oci(["pause", "box"]).status, 0);
  t.match(box.oci(["delete", "--force", "box"]), { status: 0, stderr: "" });
});

t.test("without a pid namespace of its own: SIGKILL and delete are for all of its processes", options, async (t) => {
  const box = openOciBox(t);
  const script = "sleep 1000 & echo $! > /other; exec sleep 1000";
  const begin = async (id: string, change: (config: Document) => void) => {
    const bundle = box.bundle(script, change);
    t.match(box.oci(["run", "-d", "-b", bundle, id]), { status: 0, stderr: "" });
    const other = await waitFor(
      "the other process",
      () => existsSync(`${bundle}/rootfs/other`) && readFileSync(`${bundle}/rootfs/other`, "utf8").trim(),
    );
    t.teardown(() => isAlive(other) && process.kill(Number(other), "SIGKILL"));
    await waitFor("it to sleep", () => isAlive(other));
    return () => waitFor("the other process to end", () => !isAlive(other));
  };
  let gone = await begin("killed", withoutPids);
  t.equal(box.oci(["kill", "killed", "TERM"], { env: { TSNS_NODE: "/nonexistent" } }).status, 0, "to the first process alone");
  await waitFor("the first process to end", () => box.state("killed").status === "stopped");
  t.equal(box.oci(["kill", "killed", "KILL"]).status, 0, "there is somebody left");
  await gone();
  t.match(box.oci(["kill", "killed", "KILL"]), { status: 1, stderr: /container not running: killed is stopped/ });
  t.equal(box.oci(["delete", "killed"]).status, 0);

  gone = await begin("both", withoutPids);
  t.equal(box.oci(["kill", "both", "KILL"]).status, 0);
  await waitFor("the first process to end", () => box.state("both").status === "stopped");
  await gone();

  gone = await begin("deleted", withoutPids);
  box.oci(["kill", "deleted", "TERM"]);
  await waitFor("the first process to end", () => box.state("deleted").status === "stopped");
  t.equal(box.oci(["delete", "deleted"]).status, 0);
  await gone();

  // One that is joined has another's process 1.
  gone = await begin("joined", (config) => {
    withoutPids(config);
    config.linux.namespaces.push({ type: "pid", path: "/proc/self/ns/pid" });
  });
  t.equal(box.oci(["kill", "joined", "KILL"]).status, 0);
  await gone();
});

/** That of the scripts here: it sleeps, and nobody else has got its number. */
function isAlive(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8") === "sleep\x001000\0";
  } catch {
    return false;
  }
}
