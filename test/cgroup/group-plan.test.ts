// Plans of groups from what is there: order, way back, and what is missing.
import t from "tap";
import { planCreate, planSet } from "../../src/cgroup/group-plan.ts";
import { choosePlaces, explainMissing, type GroupState } from "../../src/cgroup/group-state.ts";
import { ancestorsOf, type Hierarchy, parseHierarchies } from "../../src/cgroup/hierarchy.ts";
import { planFreeze, planJoin, planKill, planRemove } from "../../src/cgroup/member-plan.ts";
import { parseControllers } from "../../src/cgroup/state.ts";
import { drawTree } from "../../src/cgroup/view.ts";
import { undoOf } from "../../src/plan/plan.ts";
import { shellOfStep } from "../../src/plan/shell.ts";
import { recorded } from "./fixture.ts";

const hybrid = parseHierarchies(recorded("hybrid", "mountinfo"));
const v2 = parseHierarchies(recorded("v2", "mountinfo"), "cpuset cpu io memory pids");
const known = parseControllers(recorded("hybrid", "proc-cgroups"));

interface Given {
  readonly existing?: readonly string[];
  readonly enabled?: readonly string[];
  readonly busy?: readonly string[];
}

function state(hierarchies: readonly Hierarchy[], path: string, { existing = ["/"], enabled = [], busy = [] }: Given = {}): GroupState {
  const branches = hierarchies.map((hierarchy) => ({
    hierarchy,
    levels: [...ancestorsOf(path), path].map((level) => ({
      path: level,
      exists: existing.includes(level),
      controllers: existing.includes(level) ? hierarchy.controllers : [],
      enabled: existing.includes(level) ? enabled : [],
      busy: busy.includes(level),
      ...(hierarchy.controllers.includes("cpuset") && existing.includes(level) ? { cpus: "0-1", mems: "0" } : {}),
    })),
  }));
  return { path, branches, known, swapAccounting: true };
}

const shell = (steps: readonly { step: Parameters<typeof shellOfStep>[0] }[]) => steps.map(({ step }) => shellOfStep(step));

t.test("v2: levels from above, each handing down before the next is used", async (t) => {
  const steps = planCreate(state(v2, "/a/b"), { pidsLimit: 5 });
  t.strictSame(shell(steps), [
    "echo '+pids +memory +cpu +io' > /sys/fs/cgroup/cgroup.subtree_control",
    "mkdir /sys/fs/cgroup/a",
    "echo '+pids +memory +cpu +io' > /sys/fs/cgroup/a/cgroup.subtree_control",
    "mkdir /sys/fs/cgroup/a/b",
    "echo 5 > /sys/fs/cgroup/a/b/pids.max",
  ]);
  t.strictSame(shell(undoOf({ steps }).map((step) => ({ step }))), ["rmdir /sys/fs/cgroup/a/b", "rmdir /sys/fs/cgroup/a"]);
});

t.test("v2: a parent with processes is asked only for what a limit needs", async (t) => {
  const given = { existing: ["/", "/a"], enabled: ["memory", "cpu", "pids", "io"], busy: ["/a"] };
  const parent = { ...state(v2, "/a/b", given) };
  const levels = parent.branches[0]?.levels.map((level) => (level.path === "/a" ? { ...level, enabled: [] } : level)) ?? [];
  const busy = { ...parent, branches: parent.branches.map((branch) => ({ ...branch, levels })) };
  t.strictSame(shell(planCreate(busy, {})), ["mkdir /sys/fs/cgroup/a/b"]);
  t.match(shell(planCreate(busy, { pidsLimit: 5 })), ["echo +pids > /sys/fs/cgroup/a/cgroup.subtree_control"]);
});

t.test("v1: every hierarchy with a controller, a cpuset never empty", async (t) => {
  const steps = shell(planCreate(state(hybrid, "/g"), { cpusetCpus: "1" }));
  const made = steps.filter((line) => line.startsWith("mkdir"));
  t.equal(made.length, choosePlaces(hybrid).length);
  t.notOk(steps.some((line) => line.includes("systemd") || line.includes("unified")));
  t.ok(steps.some((line) => /echo 0 > .*cpuset.*\/g\/cpuset\.mems$/.test(line)));
  t.ok(steps.some((line) => /echo 1 > .*cpuset.*\/g\/cpuset\.cpus$/.test(line)));
  const some = shell(planCreate(state(hybrid, "/g"), {}, ["pids"]));
  t.equal(some.length, 1);
  t.match(some[0], /^mkdir .*pids\/g$/);
});

t.test("what cannot be is said before anything is done", async (t) => {
  t.throws(() => planCreate(state(v2, "/g", { existing: ["/", "/g"] }), {}), { kind: "conflict", code: "group-exists" });
  t.throws(() => planCreate(state(hybrid, "/g"), { memoryBytes: 1 }, ["pids"]), {
    kind: "unsupported",
    message: "memory needs the cgroup controller memory, which is not available here",
  });
  t.throws(() => planCreate(state(hybrid, "/g"), {}, ["nonsense"]), { kind: "unsupported", code: "cgroup-controller-missing" });
  t.throws(() => planSet({ ...state(v2, "/g", { existing: ["/", "/g"] }), swapAccounting: false }, { memorySwapBytes: 1 }, new Map()), {
    code: "no-swap-accounting",
  });
  t.match(explainMissing("nonsense", known), /built without it/);
  const line = (hierarchy: number, enabled: number) => parseControllers(`memory\t${hierarchy}\t1\t${enabled}\n`);
  t.match(explainMissing("memory", line(0, 0)), /cgroup_disable=memory/);
  t.match(explainMissing("memory", line(4, 1)), /not mounted here/);
  t.match(explainMissing("memory", line(0, 1)), /mount -t cgroup -o memory/);
});

t.test("a change hands down only what it needs", async (t) => {
  const given = state(v2, "/a/b", { existing: ["/", "/a", "/a/b"], enabled: ["memory"] });
  t.strictSame(shell(planSet(given, { memoryBytes: 1 }, new Map())), ["echo 1 > /sys/fs/cgroup/a/b/memory.max"]);
  t.strictSame(shell(planSet(given, { pidsLimit: 1 }, new Map())), [
    "echo +pids > /sys/fs/cgroup/cgroup.subtree_control",
    "echo +pids > /sys/fs/cgroup/a/cgroup.subtree_control",
    "echo 1 > /sys/fs/cgroup/a/b/pids.max",
  ]);
});

t.test("processes and groups", async (t) => {
  const [hierarchy] = v2 as [Hierarchy];
  const moved = planJoin("/g", v2, [{ pid: 7, places: [{ hierarchy, path: "/old" }] }]);
  t.match(moved, [{ step: { path: "/sys/fs/cgroup/g/cgroup.procs", pid: 7 }, undo: { path: "/sys/fs/cgroup/old/cgroup.procs", pid: 7 } }]);
  t.match(planFreeze("/g", v2, true, known), [{ step: { version: "v2", frozen: true }, undo: { frozen: false } }]);
  t.match(planFreeze("/g", hybrid, true, known)[0]?.step, { version: "v1", directory: /freezer\/g$/ });
  t.throws(() => planFreeze("/g", [], true, known), { code: "cgroup-controller-missing" });
  t.match(planKill("/g", v2, 9), [{ step: { kind: "cgroup.kill", unified: "/sys/fs/cgroup/g" } }]);
  t.match(planKill("/g", v2, 15), [{ step: { kind: "cgroup.signal", signal: 15 } }]);
  t.strictSame(
    shell(
      planRemove([
        { path: "/g/x", hierarchies: v2 },
        { path: "/g", hierarchies: v2 },
      ]),
    ),
    ["rmdir /sys/fs/cgroup/g/x", "rmdir /sys/fs/cgroup/g"],
  );
});

t.test("a tree", async (t) => {
  t.strictSame(drawTree(["/", "/a", "/a/b", "/a/b/c", "/a/d", "/e", "/e/f"]), ["/", "├─a", "│ ├─b", "│ │ └─c", "│ └─d", "└─e", "  └─f"]);
  t.strictSame(drawTree(["/x/y", "/x/y/z"]), ["/x/y", "└─z"]);
  t.strictSame(drawTree([]), []);
});
