// runtime.md and config.md of the OCI runtime specification 1.2, Lifecycle and POSIX-platform Hooks: where each hook runs, what it gets, and what becomes
// of the container when one fails.
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import t, { type Test } from "tap";
import { type Document, type OciBox, ociProgram, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

const options = () => ({ ...needRoot, buffered: true });
let made = 0;
const newId = () => `hook-${process.pid}-${made++}`;

const points = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"] as const;
type Point = (typeof points)[number];

const env = ["PATH=/bin:/usr/bin"];
const shell = (script: string): Document => ({ path: "/bin/sh", args: ["sh", "-c", script], env });

/** A bundle with hooks that the scripts of `scriptsOf` make; startContainer's see the root of the container. */
function bundleWith(box: OciBox, scriptsOf: (point: Point, bundle: string) => readonly string[], script = "exec sleep 100"): string {
  return box.bundle(script, (config, bundle) => {
    config.hooks = Object.fromEntries(
      points.map((point) => [point, scriptsOf(point, point === "startContainer" ? "" : bundle).map((text) => shell(text))]),
    );
  });
}

/** What hooks have written into `told`, those of startContainer first. */
function told(bundle: string): readonly string[] {
  const files = [`${bundle}/rootfs/told`, `${bundle}/told`].filter((path) => existsSync(path));
  return files.flatMap((path) => readFileSync(path, "utf8").trimEnd().split(/ *\n/));
}

async function stop(box: OciBox, id: string): Promise<void> {
  box.oci(["kill", id, "KILL"]);
  await waitFor("the container to stop", () => box.state(id).status === "stopped");
}

/** Two hooks at each point that write their names; the first one of `failing`, or the one at `which`, ends with 7. */
const counting =
  (failing: Point, which = 1) =>
  (point: Point, bundle: string) =>
    [1, 2].map((at) => `echo ${point}${at} >> ${bundle}/told${point === failing && at === which ? "; exit 7" : ""}`);

const both = (...names: readonly Point[]) => names.flatMap((name) => [`${name}1`, `${name}2`]);

/** Nothing is left of it, and its last hooks have run. */
function assertTakenDown(t: Test, box: OciBox, id: string, stderr: string, name: string): void {
  t.match(
    stderr,
    `error running ${name}: exited with 7: /bin/sh (the container has been taken down again)`,
    "an error that names the hook",
  );
  t.equal(stderr.trim().split("\n").length, 1);
  t.equal(box.oci(["state", id]).status, 1);
  t.same(readdirSync(box.root), []);
}

for (const [failing, ran] of [
  ["prestart", ["prestart1"]],
  ["createRuntime", [...both("prestart"), "createRuntime1"]],
  ["createContainer", [...both("prestart", "createRuntime"), "createContainer1"]],
] as const)
  t.test(`Lifecycle: a ${failing} hook that fails is an error, stops the container and destroys it`, options(), async (t) => {
    const box = openOciBox(t);
    const bundle = bundleWith(box, counting(failing), "touch /ran");
    const id = newId();
    const { status, stderr } = box.oci(["create", "--bundle", bundle, id]);
    t.equal(status, 1);
    assertTakenDown(t, box, id, stderr, `${failing} hook #0`);
    t.same(told(bundle), [...ran, ...both("poststop")], "no other than those before it, and poststop");
    t.notOk(existsSync(`${bundle}/rootfs/ran`));
  });

t.test("Lifecycle: a startContainer hook that fails is an error of start, stops the container and destroys it", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = bundleWith(box, counting("startContainer", 2), "touch /ran");
  const id = newId();
  t.equal(box.oci(["create", "--bundle", bundle, id]).status, 0);
  const { status, stderr } = box.oci(["start", id]);
  t.equal(status, 1);
  assertTakenDown(t, box, id, stderr, "startContainer hook #1");
  t.same(told(bundle), [...both("startContainer"), ...both("prestart", "createRuntime", "createContainer", "poststop")]);
  t.notOk(existsSync(`${bundle}/rootfs/ran`));
});

t.test("Lifecycle: a poststart hook that fails is a warning, the other hooks and the container go on", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = bundleWith(box, counting("poststart"));
  const id = newId();
  t.equal(box.oci(["create", "--bundle", bundle, id]).status, 0);
  const { status, stderr } = box.oci(["start", id]);
  t.equal(status, 0);
  t.match(stderr, /WARNING: poststart hook \/bin\/sh: it ended with 7/);
  t.equal(box.state(id).status, "running");
  t.same(told(bundle).slice(-2), both("poststart"));
  await stop(box, id);
  t.equal(box.oci(["delete", id]).status, 0);
});

t.test("Lifecycle: a poststop hook that fails is a warning, the other hooks and the removal go on", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = bundleWith(box, counting("poststop"));
  const id = newId();
  t.equal(box.oci(["create", "--bundle", bundle, id]).status, 0);
  await stop(box, id);
  const { status, stderr } = box.oci(["delete", id]);
  t.equal(status, 0);
  t.match(stderr, /WARNING: poststop hook \/bin\/sh: it ended with 7/);
  t.same(told(bundle).slice(-2), both("poststop"));
  t.same(readdirSync(box.root), []);
});

t.test("POSIX-platform Hooks: in the namespaces of the runtime or of the container", options(), async (t) => {
  const box = openOciBox(t);
  const kinds = ["mnt", "pid", "net", "ipc", "uts"];
  const seen = `for kind in ${kinds.join(" ")}; do readlink /proc/self/ns/$kind; done | tr '\\n' ' '`;
  const bundle = bundleWith(box, (point, bundle) => [`echo "${point} $(${seen})" >> ${bundle}/told`]);
  const id = newId();
  t.equal(box.oci(["create", "--bundle", bundle, id]).status, 0);
  const namesOf = (pid: number | "self") => kinds.map((kind) => readlinkSync(`/proc/${pid}/ns/${kind}`)).join(" ");
  const [runtime, container] = [namesOf("self"), namesOf(box.state(id).pid)];
  t.equal(box.oci(["start", id]).status, 0);
  await stop(box, id);
  t.equal(box.oci(["delete", id]).status, 0);
  for (const point of points) {
    const where = point === "createContainer" || point === "startContainer" ? container : runtime;
    t.ok(told(bundle).includes(`${point} ${where}`), point);
  }
});

t.test("POSIX-platform Hooks: args is argv, env is the whole environment", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("exec sleep 100", (config, bundle) => {
    const script = `echo "$0 $1 $(tr '\\0' ' ' < /proc/$$/environ)" >> ${bundle}/told; cat > /dev/null`;
    const hook = { path: "/bin/sh", args: ["a name", "-c", script, "zero", "o ne"], env: [...env, "ONE=1 2"] };
    config.hooks = { createRuntime: [hook], poststart: [hook] };
  });
  const id = newId();
  t.equal(box.oci(["create", "--bundle", bundle, id]).status, 0);
  t.equal(box.oci(["start", id]).status, 0);
  const line = "zero o ne PATH=/bin:/usr/bin ONE=1 2";
  t.same(told(bundle), [line, line]);
});

t.test(
  "POSIX-platform Hooks: without env that of the runtime, or in the container of the process; they begin in the bundle, or in the container's root",
  options(),
  async (t) => {
    const box = openOciBox(t);
    const bare = (file: string) => ({ path: "/bin/sh", args: ["sh", "-c", `echo "$OF_CALLER $OF_PROCESS $TSNS_NODE $(pwd)" >> ${file}`] });
    const bundle = box.bundle("exec sleep 100", (config, bundle) => {
      config.process.env = ["PATH=/bin", "OF_PROCESS=process"];
      const hook = bare(`${bundle}/told`);
      config.hooks = {
        createRuntime: [hook],
        createContainer: [hook],
        startContainer: [bare("/told"), { path: "/bin/sh", args: ["sh", "-c", "cat /proc/$$/environ > /environment; :"] }],
        poststart: [hook],
        poststop: [hook],
      };
    });
    const id = newId();
    const env = { OF_CALLER: "caller" };
    t.equal(box.oci(["create", "--bundle", bundle, id], { env }).status, 0);
    t.equal(box.oci(["start", id], { env }).status, 0);
    await stop(box, id);
    t.equal(box.oci(["delete", id], { env }).status, 0);
    const outside = `caller   ${bundle}`;
    t.same(told(bundle), [" process  /", outside, ` process  ${bundle}/rootfs`, outside, outside]);
    const inside = readFileSync(`${bundle}/rootfs/environment`, "utf8").split("\0").slice(0, -1);
    t.same(inside, ["PATH=/bin", "OF_PROCESS=process", "HOME=/root"], "all that the process has, of its user too");
  },
);

t.test("State, Start, Kill, Delete: while it is created a container is creating, and can be none of these", options(), async (t) => {
  const box = openOciBox(t);
  const id = newId();
  const call = (words: string) => `${ociProgram} --root ${box.root} ${words}`;
  const bundle = box.bundle("touch /ran", (config, bundle) => {
    const tried = ["start", "kill", "delete"].map(
      (word) => `${call(`${word} ${id}`)} 2>> ${bundle}/told || echo ${word} refused >> ${bundle}/told`,
    );
    config.hooks = { createRuntime: [shell([`${call(`state ${id}`)} > ${bundle}/state`, ...tried, "true"].join("; "))] };
  });
  const { status, stderr } = box.oci(["create", "--bundle", bundle, id]);
  t.equal(status, 0, stderr);
  t.match(JSON.parse(readFileSync(`${bundle}/state`, "utf8")), { id, bundle, status: "creating" });
  for (const word of ["start", "kill", "delete"]) t.ok(told(bundle).includes(`${word} refused`), word);
  t.equal(box.state(id).status, "created", "and nothing has come of it");
  t.notOk(existsSync(`${bundle}/rootfs/ran`));
});
