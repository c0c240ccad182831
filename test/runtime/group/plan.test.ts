import t from "tap";
import type { Hierarchy } from "../../../src/cgroup/hierarchy.ts";
import type { PlannedStep } from "../../../src/plan/plan.ts";
import type { RuntimeResources } from "../../../src/runtime/config/resource.ts";
import { groupPathOf } from "../../../src/runtime/group/path.ts";
import { type GroupFacts, type GroupRequest, planRuntimeGroups } from "../../../src/runtime/group/plan.ts";
import type { GroupFiles } from "../../../src/runtime/group/setting.ts";

const none: RuntimeResources = { devices: [], hugepageLimits: [], rdma: {}, unified: {} };
const legacy: GroupFacts = {
  hierarchies: ["memory", "cpu,cpuacct", "cpuset", "devices", "name=systemd"].map(
    (names): Hierarchy => ({ version: "v1", controllers: names.split(","), mountPoint: `/cg/${names}`, root: "/" }),
  ),
  missing: { "/cg/memory": ["/a", "/a/b"], "/cg/cpu,cpuacct": ["/a/b"], "/cg/cpuset": ["/a/b"] },
  cpuset: { cpus: "0-1", mems: "0" },
  handed: {},
  closed: {},
};
/** The v2 hierarchy of a hybrid host, which has what no v1 hierarchy has. */
const beside: Hierarchy = { version: "v2", controllers: ["hugetlb"], mountPoint: "/cg/unified", root: "/" };
const hybrid: GroupFacts = {
  ...legacy,
  hierarchies: [...legacy.hierarchies, beside],
  missing: { ...legacy.missing, "/cg/unified": ["/a", "/a/b"] },
};
const unified: GroupFacts = {
  hierarchies: [{ version: "v2", controllers: ["memory", "cpu", "pids", "io"], mountPoint: "/cg", root: "/" }],
  missing: { "/cg": ["/a", "/a/b"] },
  handed: { "/": ["memory", "pids"] },
  closed: {},
};
const request = (resources: Partial<RuntimeResources>): GroupRequest => ({
  path: "/a/b",
  resources: { ...none, ...resources },
  controlsDevices: false,
});

/** All steps, in order. */
function planned(resources: Partial<RuntimeResources>, facts: GroupFacts, files: GroupFiles = {}) {
  const { levels, limits, ...rest } = planRuntimeGroups(request(resources), facts);
  return { levels, steps: [...levels, ...limits(files)], ...rest };
}

/** "ensure /cg/a", "/cg/a/memory.max=1". */
const shown = (steps: readonly PlannedStep[]) =>
  steps.map(({ step }) =>
    step.kind === "cgroup.write" ? `${step.path}=${step.value}` : step.kind === "cgroup.ensure" ? `ensure ${step.path}` : step.kind,
  );

t.test("Cgroups Path: below each root, and nowhere above it", async (t) => {
  t.equal(groupPathOf("/a/b", "c"), "/a/b");
  t.equal(groupPathOf("a/b", "c"), "/a/b");
  t.equal(groupPathOf("../../a/./b//", "c"), "/a/b");
  t.equal(groupPathOf(undefined, "c"), "/c");
  t.equal(groupPathOf(undefined, "c", "/user/app"), "/user/app/oci-c", "beside a user's units");
  t.throws(() => groupPathOf("/", "c"), { code: "bad-cgroups-path" });
  t.throws(() => groupPathOf("a\nb", "c"), { code: "bad-cgroups-path" });
});

t.test("v1: a group in each hierarchy, new ones of cpuset with what is above", async (t) => {
  const { steps, directories, entry } = planned({ memory: { limit: 1000n, swap: 2000n }, cpu: { cpus: "1" } }, legacy);
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

t.test("v1: cpusets that are there and empty are filled too, from the outermost", async (t) => {
  const emptyCpusets = { "/a": ["mems"], "/a/x": ["cpus", "mems"] } as const;
  const { levels } = planned({}, { ...legacy, missing: { "/cg/cpuset": ["/a/x/b"] }, emptyCpusets });
  const filled = ["/a/cpuset.mems=0", "/a/x/cpuset.cpus=0-1", "/a/x/cpuset.mems=0"].map((one) => `/cg/cpuset${one}`);
  t.same(shown(levels), ["ensure /cg/cpuset/a/x/b", ...filled, "/cg/cpuset/a/x/b/cpuset.cpus=0-1", "/cg/cpuset/a/x/b/cpuset.mems=0"]);
});

t.test("v2: levels hand down what is wanted, in order; v1's numbers are translated", async (t) => {
  const resources = {
    memory: { limit: 1000n, swap: 3000n, reservation: 500n },
    cpu: { shares: 1024n, quota: 50_000n },
    pids: { limit: 0n },
  };
  const { steps, levels, entry } = planned(resources, unified);
  t.same(shown(steps), [
    "/cg/cgroup.subtree_control=+cpu",
    "/cg/cgroup.subtree_control=+io",
    "ensure /cg/a",
    "/cg/a/cgroup.subtree_control=+memory +cpu +pids",
    "/cg/a/cgroup.subtree_control=+io",
    "ensure /cg/a/b",
    "/cg/a/b/memory.swap.max=2000",
    "/cg/a/b/memory.max=1000",
    "/cg/a/b/memory.low=500",
    "/cg/a/b/cpu.weight=100",
    "/cg/a/b/cpu.max=50000 100000",
    "/cg/a/b/pids.max=max",
  ]);
  t.same(
    levels.map(({ isOptional = false }) => isOptional),
    [false, true, false, false, true, false],
    "what is only counted the kernel may refuse",
  );
  t.equal(entry.into, "/cg/a/b");
});

t.test("what a version lacks is a warning, a controller that is not there an error", async (t) => {
  t.match(planRuntimeGroups(request({ memory: { swappiness: 10 } }), unified).warnings, [
    /^linux\.resources\.memory\.swappiness is ignored/,
  ]);
  for (const facts of [legacy, hybrid])
    t.throws(() => planRuntimeGroups(request({ unified: { "memory.max": "1" } }), facts), {
      code: "unified-without-v2",
      message: /memory\.max/,
    });
  t.throws(() => planRuntimeGroups(request({ hugepageLimits: [{ pageSize: "2MB", limit: 0n }] }), hybrid), {
    code: "cgroup-controller-missing",
    message: /hugetlb\.2MB\.limit_in_bytes/,
  });
  t.throws(() => planRuntimeGroups(request({ pids: { limit: 5n } }), legacy), { code: "cgroup-controller-missing", message: /pids\.max/ });
  t.throws(() => planRuntimeGroups(request({ memory: { swap: 5n } }), unified), { code: "swap-below-memory" });
});

t.test("v2's own words come last", async (t) => {
  const { steps } = planned({ memory: { limit: 5n }, unified: { "memory.max": "7", "cgroup.max.depth": "3" } }, unified);
  t.same(shown(steps).slice(-3), ["/cg/a/b/memory.max=5", "/cg/a/b/memory.max=7", "/cg/a/b/cgroup.max.depth=3"]);
});

t.test("device rules keep their order", async (t) => {
  const devices = [
    { allow: false, type: "a", access: "rwm" },
    { allow: true, type: "c", major: 1, minor: 3, access: "wr" },
    { allow: true, type: "b", major: 8, access: "m" },
    { allow: false, type: "c", major: 1, minor: 3, access: "w" },
  ] as const;
  const writes = shown(planRuntimeGroups({ ...request({ devices }), controlsDevices: true }, legacy).limits({}));
  t.same(writes.slice(-4, -1), [
    "/cg/devices/a/b/devices.deny=a",
    "/cg/devices/a/b/devices.allow=c 1:3 rw\nb 8:* m",
    "/cg/devices/a/b/devices.deny=c 1:3 w",
  ]);
  t.match(writes.at(-1), /^\/cg\/devices\/a\/b\/devices\.allow=c \*:\* m\n[\s\S]*c 10:200 rwm$/, "those every container has come last");
  t.same(
    shown(planned({ devices }, legacy).steps).filter((text) => text.includes("devices.")),
    [],
    "without privileges nobody may say",
  );
  t.equal(planned({ devices }, unified).entry.devices, undefined);
});

t.test("hybrid: a group of v2 as well, which limits nothing", async (t) => {
  const { steps, directories, entry } = planned({ memory: { limit: 5n } }, hybrid);
  t.same(
    shown(steps).filter((text) => text.includes("unified")),
    ["ensure /cg/unified/a", "ensure /cg/unified/a/b"],
  );
  t.equal(directories.v2, "/cg/unified/a/b");
  t.equal(directories.unified, undefined);
  t.ok(entry.joins.includes("/cg/unified/a/b/cgroup.procs"), "v2 has no file tasks");
  t.equal(entry.into, undefined);
});

t.test("v2: a group above that cannot hand down more", async (t) => {
  for (const [reason, hint] of [
    ["busy", /processes are in it/],
    ["foreign", /have root delegate/],
  ] as const) {
    const closed: GroupFacts = { ...unified, closed: { "/": reason } };
    t.same(
      shown(planned({ pids: { limit: 5n } }, closed).steps),
      [
        "ensure /cg/a",
        "/cg/a/cgroup.subtree_control=+pids",
        "/cg/a/cgroup.subtree_control=+memory",
        "ensure /cg/a/b",
        "/cg/a/b/pids.max=5",
      ],
      "what is only counted is done without",
    );
    t.throws(() => planned({ cpu: { shares: 5n } }, closed), {
      code: "cgroup-controller-not-handed-down",
      message: "cpu.weight needs the cgroup controller cpu, which group / does not hand down",
      hint,
    });
  }
});

t.test("files that some kernels lack", async (t) => {
  const all: GroupFacts = {
    ...unified,
    hierarchies: unified.hierarchies.map((one) => ({ ...one, controllers: [...one.controllers, "hugetlb"] })),
    missing: {},
    handed: { "/": ["memory", "cpu", "pids", "io", "hugetlb"], "/a": ["memory", "cpu", "pids", "io", "hugetlb"] },
  };
  const pages = { hugepageLimits: [{ pageSize: "2MB", limit: 4n }] };
  t.same(shown(planned(pages, all).steps), ["/cg/a/b/hugetlb.2MB.max=4"]);
  t.same(shown(planned(pages, all, { reserved: ["2MB"] }).steps), ["/cg/a/b/hugetlb.2MB.max=4", "/cg/a/b/hugetlb.2MB.rsvd.max=4"]);
  const legacyPages: GroupFacts = {
    ...legacy,
    hierarchies: [{ version: "v1", controllers: ["hugetlb"], mountPoint: "/cg/hugetlb", root: "/" }],
    missing: {},
  };
  t.same(shown(planned(pages, legacyPages, { reserved: ["2MB"] }).steps), [
    "/cg/hugetlb/a/b/hugetlb.2MB.limit_in_bytes=4",
    "/cg/hugetlb/a/b/hugetlb.2MB.rsvd.limit_in_bytes=4",
  ]);
  const block = {
    blockIo: { weight: 500, weightDevice: [], throttleReadBps: [], throttleWriteBps: [], throttleReadIops: [], throttleWriteIops: [] },
  };
  t.same(shown(planned(block, all).steps), ["/cg/a/b/io.weight=4950"]);
  t.same(shown(planned(block, all, { weightFile: "io.bfq.weight" }).steps), ["/cg/a/b/io.bfq.weight=500"]);
  const swapless = { hasSwap: false };
  t.same(shown(planned({ memory: { limit: 8n, swap: 8n } }, all, swapless).steps), ["/cg/a/b/memory.max=8"], "no swap is used anyway");
  t.same(
    shown(planned({ memory: { limit: 8n, swap: 9n } }, all, swapless).steps)[0],
    "/cg/a/b/memory.swap.max=1",
    "the kernel says what is wrong",
  );
});

t.test("what excludes each other is written in an order that the kernel takes", async (t) => {
  const memory = planned({ memory: { limit: -1n } }, unified).steps;
  t.same(shown(memory).slice(-2), ["/cg/a/b/memory.swap.max=max", "/cg/a/b/memory.max=max"], "no limit of memory is none of swap");
  t.same(
    shown(planned({ cpu: { idle: 1, shares: 512n } }, unified).steps).slice(-1),
    ["/cg/a/b/cpu.idle=1"],
    "an idle group has no weight",
  );
  t.same(shown(planned({ cpu: { idle: 0, shares: 512n } }, unified).steps).slice(-2), ["/cg/a/b/cpu.idle=0", "/cg/a/b/cpu.weight=59"]);
  t.same(shown(planned({ cpu: { idle: 1, shares: 512n } }, legacy).steps).slice(-1), ["/cg/cpu,cpuacct/a/b/cpu.idle=1"]);
});
