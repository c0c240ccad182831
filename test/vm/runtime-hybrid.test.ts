// Groups of the OCI runtime on a hybrid host: limits are on v1, and the container has its group in the hierarchy of v2 as well.
import { existsSync, mkdirSync, readFileSync, rmdirSync } from "node:fs";
import t, { type Test } from "tap";
import { modeOf } from "../../src/cgroup/hierarchy.ts";
import { readHierarchies } from "../../src/kernel/cgroup/observe.ts";
import { type Document, type OciBox, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

const hierarchies = readHierarchies();
const skip = needRoot.skip || (modeOf(hierarchies) !== "hybrid" && "needs cgroup v1 and v2 side by side");
const options = () => ({ skip, buffered: true });
let made = 0;

interface Group {
  readonly path: string;
  /** One in each hierarchy. */
  readonly directories: readonly string[];
}

/** What is left of it at the end fails the test. */
function newGroup(t: Test): Group {
  const above = `/tsns-test-hybrid-${process.pid}-${made++}`;
  t.teardown(() => {
    for (const { mountPoint } of hierarchies) rmdirSync(`${mountPoint}${above}`);
  });
  return { path: `${above}/box`, directories: hierarchies.map(({ mountPoint }) => `${mountPoint}${above}/box`) };
}

function run(t: Test, box: OciBox, { path }: Group, change: (config: Document) => void = () => {}): void {
  const bundle = box.bundle("exec sleep 1000", (config) => {
    config.linux.cgroupsPath = path;
    config.linux.resources = { pids: { limit: 33 } };
    change(config);
  });
  t.match(box.oci(["run", "--detach", "--bundle", bundle, "box"]), { status: 0, stderr: "" });
}

/** Paths of a process's groups, each once. */
const groupsOf = (pid: number | string) => [
  ...new Set(
    readFileSync(`/proc/${pid}/cgroup`, "utf8")
      .trim()
      .split("\n")
      .map((line) => line.replace(/^\d+:[^:]*:/, "")),
  ),
];

for (const hasNamespace of [true, false]) {
  t.test(`one path in every hierarchy, ${hasNamespace ? "seen as the root" : "in the host's namespace"}`, options(), async (t) => {
    const group = newGroup(t);
    const box = openOciBox(t);
    run(t, box, group, ({ linux }) => {
      linux.namespaces = linux.namespaces.filter(({ type }: Document) => type !== "cgroup");
      if (hasNamespace) linux.namespaces.push({ type: "cgroup" });
    });
    t.same(groupsOf(box.state("box").pid), [group.path]);
    t.equal(box.oci(["exec", "--detach", "--pid-file", `${box.root}-pid`, "box", "sleep", "1001"]).status, 0);
    t.same(groupsOf(readFileSync(`${box.root}-pid`, "utf8")), [group.path]);
    const seen = box.oci(["exec", "box", "cat", "/proc/self/cgroup"]).stdout.trim().split("\n").at(-1);
    t.equal(seen, `0::${hasNamespace ? "/" : group.path}`, "that of v2 is the last");
    t.equal(box.oci(["delete", "--force", "box"]).status, 0);
    t.same(group.directories.filter(existsSync), [], "none is left");
  });
}

t.test("limits, pause and kill are those of v1", options(), async (t) => {
  const group = newGroup(t);
  const box = openOciBox(t);
  run(t, box, group);
  const pids = `/sys/fs/cgroup/pids${group.path}/pids.max`;
  t.equal(readFileSync(pids, "utf8"), "33\n");
  t.equal(box.oci(["update", "--pids-limit", "44", "box"]).status, 0);
  t.equal(readFileSync(pids, "utf8"), "44\n");
  t.match(box.oci(["update", "-r", "-", "box"], { input: '{"unified":{"memory.high":"1"}}' }), {
    status: 1,
    stderr: /memory\.high is for cgroup v2/,
  });
  t.equal(box.oci(["pause", "box"]).status, 0);
  t.equal(readFileSync(`/sys/fs/cgroup/freezer${group.path}/freezer.state`, "utf8"), "FROZEN\n");
  t.equal(box.state("box").status, "paused");
  t.equal(box.oci(["kill", "box", "KILL"]).status, 0);
  await waitFor("it to end", () => box.state("box").status === "stopped");
  t.equal(box.oci(["delete", "box"]).status, 0);
  t.same(group.directories.filter(existsSync), []);
});

t.test("exec --cgroup: below the container's group in all of them, or in one", options(), async (t) => {
  const group = newGroup(t);
  const box = openOciBox(t);
  run(t, box, group);
  t.match(box.oci(["exec", "--cgroup", "below", "box", "true"]), {
    status: 255,
    stderr: /below\/cgroup\.procs: no such file or directory/,
  });
  for (const directory of group.directories.filter((one) => !one.startsWith("/sys/fs/cgroup/cpuset"))) mkdirSync(`${directory}/below`);
  const seen = box.oci(["exec", "--cgroup", "pids,v2:below", "box", "cat", "/proc/self/cgroup"]);
  t.same(
    seen.stdout.split("\n").filter((line) => /below$/.test(line)),
    seen.stdout.split("\n").filter((line) => /^\d+:pids:|^0::/.test(line)),
  );
  t.equal(box.oci(["delete", "--force", "box"]).status, 0, "with the groups below");
  t.same(group.directories.filter(existsSync), []);
});
