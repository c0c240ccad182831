// runtime.md of the OCI runtime specification 1.2, section by section, through the shipped program.
import { existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { type Document, type OciBox, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

const options = () => ({ ...needRoot, buffered: true });
let made = 0;
const newId = () => `life-${process.pid}-${made++}`;

function create(t: Test, box: OciBox, bundle: string, id = newId()): string {
  const { status, stderr } = box.oci(["create", "--bundle", bundle, id]);
  t.equal(status, 0, `created: ${stderr}`);
  return id;
}

const stopped = (box: OciBox, id: string) => waitFor("the container to stop", () => box.state(id).status === "stopped");

/** A program for a hook: it adds a line with its word and the state it got to a file. */
function hookTo(file: string, word: string): Document {
  return { path: "/bin/sh", args: ["sh", "-c", `printf '${word} %s\\n' "$(tr -d '\\n')" >> ${file}`], env: ["PATH=/bin:/usr/bin"] };
}

const told = (file: string) =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => ({ word: line.replace(/ .*/, ""), state: JSON.parse(line.replace(/^\S+ /, "")) }));

t.test("State: what it has, and in which of its words", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("sleep 100", (config) => {
    config.annotations = { "org.example.key": "value" };
  });
  const id = create(t, box, bundle);
  const state = box.state(id);
  t.match(state, { id, status: "created", bundle, annotations: { "org.example.key": "value" } });
  t.match(state.ociVersion, /^1\.\d+\.\d+$/, "a version of the specification");
  t.ok(existsSync(`/proc/${state.pid}`), "the process as the runtime sees it");
  t.equal(box.oci(["start", id]).status, 0);
  t.equal(box.state(id).status, "running");
  t.equal(box.oci(["kill", id, "KILL"]).status, 0);
  await stopped(box, id);
  t.notOk(box.state(id).pid, "without a process there is no pid");
});

t.test("Lifecycle: changes of config.json after create have no effect", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("echo first > /out; exit 3");
  const id = create(t, box, bundle);
  writeFileSync(`${bundle}/config.json`, "{}");
  t.equal(box.oci(["start", id]).status, 0);
  await stopped(box, id);
  t.equal(readFileSync(`${bundle}/rootfs/out`, "utf8"), "first\n");
});

t.test("Query State: of a container that does not exist it is an error", options(), async (t) => {
  const box = openOciBox(t);
  const { status, stderr, stdout } = box.oci(["state", "nobody"]);
  t.equal(status, 1);
  t.equal(stdout, "");
  t.match(stderr, /container does not exist: nobody/);
});

t.test("Create: the program does not run before start, the resources of the container are there", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("touch /ran; sleep 100");
  const id = create(t, box, bundle);
  const { pid } = box.state(id);
  t.not(readFileSync(`/proc/${pid}/mountinfo`, "utf8"), readFileSync("/proc/self/mountinfo", "utf8"), "it has its mounts");
  t.notOk(existsSync(`${bundle}/rootfs/ran`));
  t.equal(box.oci(["start", id]).status, 0);
  await waitFor("the program to run", () => existsSync(`${bundle}/rootfs/ran`));
});

t.test("Create: an id that is in use is an error, and the container stays as it is", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("sleep 100");
  const id = create(t, box, bundle);
  const before = box.state(id);
  const { status, stderr } = box.oci(["create", "--bundle", bundle, id]);
  t.equal(status, 1);
  t.match(stderr, /already exists/);
  t.same(box.state(id), before);
});

t.test("Create: without an id, a bundle or a configuration that holds it is an error and leaves nothing", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("true", (config) => {
    config.linux.namespaces.push({ type: "pid" });
  });
  t.not(box.oci(["create", "--bundle", bundle]).status, 0, "no id");
  t.equal(box.oci(["create", "--bundle", "/no/such/bundle", newId()]).status, 1);
  const { status, stderr } = box.oci(["create", "--bundle", bundle, newId()]);
  t.equal(status, 1);
  t.match(stderr, /namespaces/);
  t.equal(stderr.trim().split("\n").length, 1, "in one line");
  t.same(existsSync(box.root) ? readdirSync(box.root) : [], []);
});

t.test("Create: an id that can be none is an error", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("true");
  for (const id of ["", ".", "..", "a/b", "a b", "ä", "x".repeat(300)]) {
    const { status, stderr } = box.oci(["create", "--bundle", bundle, id]);
    t.equal(status, 1, JSON.stringify(id));
    t.match(stderr, /invalid container ID/);
  }
  t.same(existsSync(box.root) ? readdirSync(box.root) : [], []);
});

t.test("Create: what cannot be made is an error, and nothing of it stays", options(), async (t) => {
  const box = openOciBox(t);
  const refused = (change: (config: Document, bundle: string) => void, expected: RegExp) => {
    const id = newId();
    const { status, stderr } = box.oci(["create", "--bundle", box.bundle("true", change), id]);
    t.equal(status, 1, `${expected}`);
    t.match(stderr, expected);
    t.equal(stderr.trim().split("\n").length, 1, "in one line");
    t.equal(box.oci(["state", id]).status, 1);
  };
  refused((config) => Object.assign(config.root, { path: "none" }), /rootfs .*none.* does not exist/);
  refused((config) => Object.assign(config.root, { path: "config.json" }), /not a directory/);
  refused((config) => Object.assign(config, { ociVersion: "2.0.0" }), /ociVersion.*2\.0\.0/);
  refused((config) => Object.assign(config, { ociVersion: "invalid" }), /ociVersion.*invalid/);
  refused((config) => Object.assign(config, { annotations: { "": "x" } }), /annotations/);
  refused((config) => Object.assign(config.process, { cwd: "tmp" }), /cwd/);
  refused((config) => Object.assign(config.linux, { seccomp: { defaultAction: "SCMP_ACT_ALLOW", defaultErrnoRet: 1 } }), /defaultErrnoRet/);
  t.same(readdirSync(box.root), []);
});

t.test("Create: a program that is not there is an error of create", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("", (config) => {
    config.process.args = ["/no/such/program"];
  });
  const id = newId();
  const { status, stderr } = box.oci(["create", "--bundle", bundle, id]);
  t.equal(status, 1);
  t.match(stderr, /\/no\/such\/program/);
  t.equal(box.oci(["state", id]).status, 1, "nothing is left of it");
});

t.test("Start: only what has been created is started", options(), async (t) => {
  const box = openOciBox(t);
  t.equal(box.oci(["start", "nobody"]).status, 1);
  t.equal(box.oci(["start"]).status === 0, false, "no id");
  const id = create(t, box, box.bundle("sleep 100"));
  t.equal(box.oci(["start", id]).status, 0);
  const { pid } = box.state(id);
  const again = box.oci(["start", id]);
  t.equal(again.status, 1);
  t.match(again.stderr, /running/);
  t.match(box.state(id), { status: "running", pid }, "the attempt has no effect");
  box.oci(["kill", id, "KILL"]);
  await stopped(box, id);
  t.equal(box.oci(["start", id]).status, 1);
  t.equal(box.state(id).status, "stopped");
});

t.test("Start: a configuration without process is an error of start, not of create", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("", (config) => {
    config.process = undefined;
  });
  const id = create(t, box, bundle);
  const { status, stderr } = box.oci(["start", id]);
  t.equal(status, 1);
  t.match(stderr, /process/);
  t.equal(box.state(id).status, "created");
});

t.test("Kill: a signal reaches the process; of one that does not run it is an error", options(), async (t) => {
  const box = openOciBox(t);
  t.equal(box.oci(["kill", "nobody", "KILL"]).status, 1);
  const bundle = box.bundle("trap 'echo usr1 > /got; exit 0' USR1; touch /ready; while :; do sleep 0.1; done");
  const id = create(t, box, bundle);
  box.oci(["start", id]);
  await waitFor("its trap to be set", () => existsSync(`${bundle}/rootfs/ready`));
  t.equal(box.oci(["kill", id, "SIGUSR1"]).status, 0);
  await stopped(box, id);
  t.equal(readFileSync(`${bundle}/rootfs/got`, "utf8"), "usr1\n");
  t.equal(box.oci(["kill", id, "KILL"]).status, 1);
  t.equal(box.oci(["kill", id, "NOSUCH"]).status, 1);
});

t.test("Kill: a container that has been created can be killed", options(), async (t) => {
  const box = openOciBox(t);
  const id = create(t, box, box.bundle("sleep 100"));
  t.equal(box.oci(["kill", id, "KILL"]).status, 0);
  await stopped(box, id);
});

t.test("Delete: only what has stopped, with all that create has made; the id may be used again", options(), async (t) => {
  const box = openOciBox(t);
  t.equal(box.oci(["delete", "nobody"]).status, 1);
  const bundle = box.bundle("sleep 100", (config) => {
    config.linux.cgroupsPath = `/tsns-test-${process.pid}/deleted`;
  });
  const id = create(t, box, bundle);
  const groups = readFileSync(`/proc/${box.state(id).pid}/cgroup`, "utf8");
  t.match(groups, /deleted/);
  box.oci(["start", id]);
  const early = box.oci(["delete", id]);
  t.equal(early.status, 1, "one that runs is not deleted");
  t.equal(box.state(id).status, "running");
  box.oci(["kill", id, "KILL"]);
  await stopped(box, id);
  t.equal(box.oci(["delete", id]).status, 0);
  t.same(readdirSync(box.root), []);
  const parents = ["", ...readdirSync("/sys/fs/cgroup")].map((name) => `/sys/fs/cgroup/${name}/tsns-test-${process.pid}`);
  for (const parent of parents.filter((path) => existsSync(path))) {
    t.notOk(existsSync(`${parent}/deleted`), `${parent}: its group is gone`);
    t.teardown(() => rmdirSync(parent));
  }
  create(t, box, bundle, id);
  t.equal(box.oci(["delete", "--force", id]).status, 0);
});

t.test("Delete: of one that is created it is an error without effect", options(), async (t) => {
  const box = openOciBox(t);
  t.not(box.oci(["delete"]).status, 0, "no id");
  t.not(box.oci(["kill"]).status, 0, "no id");
  t.not(box.oci(["state"]).status, 0, "no id");
  const id = create(t, box, box.bundle("sleep 100"));
  const before = box.state(id);
  const { status, stderr } = box.oci(["delete", id]);
  t.equal(status, 1);
  t.match(stderr, /not stopped: created/);
  t.same(box.state(id), before);
  t.equal(box.oci(["start", id]).status, 0, "it can be started as before");
});

t.test("Delete: what the container's configuration brought is left alone", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("true");
  const id = create(t, box, bundle);
  box.oci(["start", id]);
  await stopped(box, id);
  box.oci(["delete", id]);
  t.ok(existsSync(`${bundle}/rootfs/bin/busybox`));
  t.ok(existsSync(`${bundle}/config.json`));
});

t.test("POSIX-platform Hooks: each at its point, in their order, with the state", options(), async (t) => {
  const box = openOciBox(t);
  let file = "";
  const bundle = box.bundle("sleep 100", (config) => {
    config.hooks = {};
  });
  file = `${bundle}/told`;
  const config = JSON.parse(readFileSync(`${bundle}/config.json`, "utf8"));
  config.hooks = {
    prestart: [hookTo(file, "prestart")],
    createRuntime: [hookTo(file, "createRuntime1"), hookTo(file, "createRuntime2")],
    createContainer: [hookTo(file, "createContainer")],
    startContainer: [{ ...hookTo("/told", "startContainer"), path: "/bin/sh" }],
    poststart: [hookTo(file, "poststart")],
    poststop: [hookTo(file, "poststop")],
  };
  writeFileSync(`${bundle}/config.json`, JSON.stringify(config));
  const id = create(t, box, bundle);
  const { pid } = box.state(id);
  t.same(
    told(file).map(({ word }) => word),
    ["prestart", "createRuntime1", "createRuntime2", "createContainer"],
  );
  // State: in the container's namespaces it is told as the container sees it.
  for (const { word, state } of told(file))
    t.match(state, { id, bundle, pid: word === "createContainer" ? 1 : pid, status: "created" }, word);
  t.equal(box.oci(["start", id]).status, 0);
  t.match(told(`${bundle}/rootfs/told`), [{ word: "startContainer", state: { id, status: "created", pid: 1 } }], "in the container's root");
  t.match(told(file).at(-1), { word: "poststart", state: { status: "running", pid } });
  box.oci(["kill", id, "KILL"]);
  await stopped(box, id);
  t.equal(box.oci(["delete", id]).status, 0);
  t.match(told(file).at(-1), { word: "poststop", state: { status: "stopped" } });
});

t.test("POSIX-platform Hooks: one that fails or takes too long undoes create", options(), async (t) => {
  const box = openOciBox(t);
  for (const hook of [
    { path: "/bin/sh", args: ["sh", "-c", "exit 4"] },
    { path: "/bin/sh", args: ["sh", "-c", "sleep 100"], timeout: 1 },
    { path: "/no/such/hook" },
  ]) {
    const bundle = box.bundle("sleep 100", (config) => {
      config.hooks = { createRuntime: [hook] };
    });
    const id = newId();
    const { status, stderr } = box.oci(["create", "--bundle", bundle, id]);
    t.equal(status, 1, stderr.trim());
    t.match(stderr, hook.path, "the hook is named");
    t.equal(box.oci(["state", id]).status, 1);
  }
  t.same(readdirSync(box.root), []);
});

t.test("POSIX-platform Hooks: those after the stop have no say", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("true", (config) => {
    config.hooks = { poststop: [{ path: "/bin/false" }, { path: "/bin/false" }] };
  });
  const id = create(t, box, bundle);
  box.oci(["start", id]);
  await stopped(box, id);
  t.equal(box.oci(["delete", id]).status, 0, "a warning is all");
  t.equal(box.oci(["state", id]).status, 1);
});
