import t from "tap";
import type { Hierarchy } from "../../../src/cgroup/hierarchy.ts";
import type { PlannedStep } from "../../../src/plan/plan.ts";
import type { RuntimeResources } from "../../../src/runtime/config/resource.ts";
import { groupPathOf } from "../../../src/runtime/group/path.ts";
import { type GroupFacts, planGroupUpdate, planRuntimeGroups } from "../../../src/runtime/group/plan.ts";

const none: RuntimeResources = { devices: [], hugepageLimits: [], rdma: {}, unified: {} };
const legacy: GroupFacts = {
  hierarchies: ["memory", "cpu,cpuacct", "cpuset", "devices", "name=systemd"].map(
    (names): Hierarchy => ({ version: "v1", controllers: names.split(","), mountPoint: `/cg/${names}`, root: "/" }),
  ),
  missing: { "/cg/memory": ["/a", "/a/b"], "/cg/cpu,cpuacct": ["/a/b"], "/cg/cpuset": ["/a/b"] },
  cpuset: { cpus: "0-1", mems: "0" },
  handed: {},
};
const unified: GroupFacts = {
  hierarchies: [{ version: "v2", controllers: ["memory", "cpu", "pids", "io"], mountPoint: "/cg", root: "/" }],
  missing: { "/cg": ["/a", "/a/b"] },
  handed: { "/": ["memory", "pids"] },
};
const request = (resources: Partial<RuntimeResources>) => ({
  path: "/a/b",
  resources: { ...none, ...resources },
  withDefaultDevices: false,
});

/** "ensure /cg/a", "/cg/a/memory.max=1". */
const shown = (steps: readonly PlannedStep[]) =>
  steps.map(({ step }) =>
    step.kind === "cgroup.write" ? `${step.path}=${step.value}` : step.kind === "cgroup.ensure" ? `ensure ${step.path}` : step.kind,
  );

t.test("Cgroups Path: below each root, and nowhere above it", async (t) => {
  t.equal(groupPathOf("/a/b", "c"), "/a/b");
  t.equal(groupPathOf("a/b", "c"), "/a/b");
  t.equal(groupPathOf("../../a/./b//", "c"), "/a/b");
  t.equal(groupPathOf(undefined, "c"), "/oci-c");
  t.throws(() => groupPathOf("/", "c"), { code: "bad-cgroups-path" });
  t.throws(() => groupPathOf("a\nb", "c"), { code: "bad-cgroups-path" });
});

t.test("v1: a group in each hierarchy, new ones of cpuset with what is above", async (t) => {
  const { steps, directories, entry } = planRuntimeGroups(request({ memory: { limit: 1000n, swap: 2000n }, cpu: { cpus: "1" } }), legacy);
  t.same(shown(steps), [
    "ensure /cg/memory/a",
    "ensure /cg/memory/a/b",
    "ensure /cg/cpu,cpuacct/a/b",
    "ensure /cg/cpuset/a/b",
    "/cg/cpuset/a/b/cpuset.cpus=0-1",
    "/cg/cpuset/a/b/cpuset.mems=0",
    "/cg/memory/a/b/memory.limit_in_bytes=1000",
    "/cg/memory/a/b/memory.memsw.limit_in_bytes=2000",
    "/cg/cpuset/a/b/cpuset.cpus=1",
  ]);
  t.equal(directories.cpuacct, "/cg/cpu,cpuacct/a/b");
  t.ok(entry.joins.includes("/cg/name=systemd/a/b/tasks"));
  t.same(
    steps.flatMap(({ undo }) => (undo ? [undo] : [])).map((undo) => ("path" in undo ? undo.path : "")),
    ["/cg/memory/a/b", "/cg/cpu,cpuacct/a/b", "/cg/cpuset/a/b"],
    "only the group itself is taken away again",
  );
});

t.test("v2: levels hand down what is wanted, in order; v1's numbers are translated", async (t) => {
  const resources = {
    memory: { limit: 1000n, swap: 3000n, reservation: 500n },
    cpu: { shares: 1024n, quota: 50_000n },
    pids: { limit: 0n },
  };
  const { steps, entry } = planRuntimeGroups(request(resources), unified);
  t.same(shown(steps), [
    "/cg/cgroup.subtree_control=+cpu +io",
    "ensure /cg/a",
    "/cg/a/cgroup.subtree_control=+memory +cpu +pids +io",
    "ensure /cg/a/b",
    "/cg/a/b/memory.swap.max=2000",
    "/cg/a/b/memory.max=1000",
    "/cg/a/b/memory.low=500",
    "/cg/a/b/cpu.weight=100",
    "/cg/a/b/cpu.max=50000 100000",
    "/cg/a/b/pids.max=max",
  ]);
  t.equal(entry.into, "/cg/a/b");
});

t.test("what a version lacks is a warning, a controller that is not there an error", async (t) => {
  t.match(planRuntimeGroups(request({ memory: { swappiness: 10 } }), unified).warnings, [
    /^linux\.resources\.memory\.swappiness is ignored/,
  ]);
  t.match(planRuntimeGroups(request({ unified: { "memory.max": "1" } }), legacy).warnings, [/unified is ignored/]);
  t.throws(() => planRuntimeGroups(request({ pids: { limit: 5n } }), legacy), { code: "cgroup-controller-missing", message: /pids\.max/ });
  t.throws(() => planRuntimeGroups(request({ memory: { swap: 5n } }), unified), { code: "swap-below-memory" });
});

t.test("v2's own words come last", async (t) => {
  const { steps } = planRuntimeGroups(request({ memory: { limit: 5n }, unified: { "memory.max": "7", "cgroup.max.depth": "3" } }), unified);
  t.same(shown(steps).slice(-3), ["/cg/a/b/memory.max=5", "/cg/a/b/memory.max=7", "/cg/a/b/cgroup.max.depth=3"]);
});

t.test("device rules keep their order", async (t) => {
  const devices = [
    { allow: false, type: "a", access: "rwm" },
    { allow: true, type: "c", major: 1, minor: 3, access: "wr" },
    { allow: true, type: "b", major: 8, access: "m" },
    { allow: false, type: "c", major: 1, minor: 3, access: "w" },
  ] as const;
  const { steps } = planRuntimeGroups(request({ devices }), legacy);
  t.same(shown(steps).slice(-3), [
    "/cg/devices/a/b/devices.deny=a",
    "/cg/devices/a/b/devices.allow=c 1:3 rw\nb 8:* m",
    "/cg/devices/a/b/devices.deny=c 1:3 w",
  ]);
});

t.test("a limit of memory that rises above that of memory and swap is set second", async (t) => {
  const now = { legacy: { swapLimit: 100n }, unified: {} };
  const order = (limit: bigint, swap: bigint) =>
    shown(planGroupUpdate({ memory: "/m" }, { ...none, memory: { limit, swap } }, now).steps).map((text) => text.split("=")[0]);
  t.same(order(200n, 400n), ["/m/memory.memsw.limit_in_bytes", "/m/memory.limit_in_bytes"]);
  t.same(order(50n, 60n), ["/m/memory.limit_in_bytes", "/m/memory.memsw.limit_in_bytes"]);
});

t.test("update: half of cpu.max keeps the other half", async (t) => {
  const now = { legacy: {}, unified: { cpuQuota: 20_000n, cpuPeriod: 50_000n } };
  t.same(shown(planGroupUpdate({ unified: "/g" }, { ...none, cpu: { quota: 10_000n } }, now).steps), ["/g/cpu.max=10000 50000"]);
});
