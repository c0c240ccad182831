import t from "tap";
import { type CgroupPlan, planCgroup } from "../../src/cgroup/plan.ts";
import { weightOfShares } from "../../src/cgroup/plan-v2.ts";
import type { ResourceSpec } from "../../src/cgroup/spec.ts";
import { type CgroupLayout, parseLayout } from "../../src/cgroup/state.ts";
import { undoOf } from "../../src/plan/plan.ts";
import { recorded } from "./fixture.ts";

const megabyte = 1024 * 1024;
const v1: CgroupLayout = { ...parseLayout({ mountinfo: recorded("hybrid", "mountinfo") }), swapAccounting: true };
const v2: CgroupLayout = {
  ...parseLayout({ mountinfo: recorded("v2", "mountinfo"), available: recorded("v2", "cgroup.controllers"), enabled: "cpu memory" }),
  swapAccounting: true,
};

function plan(layout: CgroupLayout, resources: Partial<ResourceSpec> = {}): CgroupPlan {
  return planCgroup({ resources: { devices: "all", ...resources }, layout, name: "tsns-x" });
}

/** The writes of a plan as `file=value`, paths without the mount. */
function writes(planned: CgroupPlan): readonly string[] {
  return planned.plan.steps.flatMap(({ step }) =>
    step.kind === "cgroup.write" ? [`${step.path.replace(/^.*tsns-x\/|^.*\/(?=cgroup\.)/, "")}=${step.value}`] : [],
  );
}

t.test("v1: a directory per hierarchy, all joined, all removed", async (t) => {
  const planned = plan(v1);
  const dirs = ["memory", "cpu", "cpuacct", "pids", "devices", "freezer", "blkio"].map((name) => `/sys/fs/cgroup/${name}/tsns-x`);
  t.strictSame(
    planned.plan.steps.map(({ step }) => step),
    dirs.map((path) => ({ kind: "cgroup.create", path })),
  );
  t.strictSame(undoOf(planned.plan), dirs.map((path) => ({ kind: "cgroup.remove", path })).reverse());
  t.strictSame(
    planned.joins,
    dirs.map((dir) => `${dir}/tasks`),
  );
  t.strictSame(Object.values(planned.directories), dirs);
  t.strictSame(planned.oom, { name: "memory.oom_control", path: "/sys/fs/cgroup/memory/tsns-x/memory.oom_control" });
  t.equal(planned.into, undefined);
  t.notOk(JSON.stringify(planned).includes("unified"), "the v2 mount is left alone");
});

t.test("v1: controllers mounted together are made and joined once", async (t) => {
  const together = { ...v1, controllers: { ...v1.controllers, cpu: "/c/cpu,cpuacct", cpuacct: "/c/cpu,cpuacct" } };
  const planned = plan(together);
  t.equal(planned.joins.filter((path) => path.startsWith("/c/")).length, 1);
  t.equal(planned.plan.steps.filter(({ step }) => step.kind === "cgroup.create" && step.path.startsWith("/c/")).length, 1);
  t.equal(planned.directories.cpuacct, planned.directories.cpu);
});

t.test("v1: limits in the order the kernel needs", async (t) => {
  const planned = plan(
    { ...v1, cpuset: { cpus: "0-3", mems: "0-1" } },
    {
      memoryBytes: 64 * megabyte,
      memoryReservationBytes: 32 * megabyte,
      cpuShares: 512,
      cpuPeriodMicros: 50_000,
      cpuQuotaMicros: 25_000,
      cpusetCpus: "0,2",
      pidsLimit: 10,
    },
  );
  t.strictSame(writes(planned), [
    "memory.limit_in_bytes=67108864",
    "memory.memsw.limit_in_bytes=134217728",
    "memory.soft_limit_in_bytes=33554432",
    "cpu.shares=512",
    "cpu.cfs_period_us=50000",
    "cpu.cfs_quota_us=25000",
    "cpuset.cpus=0,2",
    "cpuset.mems=0-1",
    "pids.max=10",
  ]);
  t.equal(planned.joins.length, 8);
  const mems = plan({ ...v1, cpuset: { cpus: "0-3", mems: "0-1" } }, { cpusetMems: "1" });
  t.strictSame(writes(mems), ["cpuset.cpus=0-3", "cpuset.mems=1"]);
});

t.test("v1: the device list in two files", async (t) => {
  const [deny, allow, ...rest] = writes(plan(v1, { devices: "default" }));
  t.equal(deny, "devices.deny=a");
  t.match(allow, /^devices\.allow=c \*:\* m\nb \*:\* m\nc 1:3 rwm\n/);
  t.match(allow, /\nc 136:\* rwm\n/);
  t.strictSame(rest, []);
});

t.test("v2: one directory, controllers enabled where missing", async (t) => {
  const planned = plan(v2, { devices: "default" });
  t.strictSame(
    planned.plan.steps.map(({ step }) => step),
    [
      { kind: "cgroup.write", path: "/sys/fs/cgroup/cgroup.subtree_control", value: "+pids +io" },
      { kind: "cgroup.create", path: "/sys/fs/cgroup/tsns-x" },
    ],
  );
  t.strictSame(undoOf(planned.plan), [{ kind: "cgroup.remove", path: "/sys/fs/cgroup/tsns-x" }]);
  t.strictSame(planned.joins, []);
  t.equal(planned.into, "/sys/fs/cgroup/tsns-x");
  t.strictSame(planned.directories, { unified: "/sys/fs/cgroup/tsns-x" });
  t.strictSame(planned.oom, { name: "memory.events", path: "/sys/fs/cgroup/tsns-x/memory.events" });
  t.match(planned.deviceProgramHex, /^61[0-9a-f]+$/);
  t.equal(plan(v2).deviceProgramHex, undefined, "privileged: no filter");
  t.strictSame(writes(plan({ ...v2, enabled: v2.available })), []);
});

t.test("v2: limits translated", async (t) => {
  const planned = plan(
    { ...v2, enabled: v2.available },
    {
      memoryBytes: 64 * megabyte,
      memorySwapBytes: 80 * megabyte,
      memoryReservationBytes: 32 * megabyte,
      cpuShares: 1024,
      cpuQuotaMicros: 25_000,
      cpusetCpus: "0",
      cpusetMems: "0",
      pidsLimit: 10,
    },
  );
  t.strictSame(writes(planned), [
    "memory.max=67108864",
    "memory.swap.max=16777216",
    "memory.low=33554432",
    "cpu.weight=100",
    "cpu.max=25000 100000",
    "cpuset.cpus=0",
    "cpuset.mems=0",
    "pids.max=10",
  ]);
  t.strictSame(writes(plan({ ...v2, enabled: v2.available }, { cpuPeriodMicros: 5000, cpuQuotaMicros: -1 })), ["cpu.max=max 5000"]);
  t.match(writes(plan(v2, { cpusetCpus: "0" }))[0], "+cpuset");
});

t.test("swap: as much as memory, none, unlimited, not accounted", async (t) => {
  const swap = (layout: CgroupLayout, memorySwapBytes?: number) =>
    plan({ ...layout, enabled: layout.available }, { memoryBytes: 64 * megabyte, ...(memorySwapBytes ? { memorySwapBytes } : {}) });
  t.strictSame(writes(swap(v2)).slice(1), ["memory.swap.max=67108864"]);
  t.strictSame(writes(swap(v2, 64 * megabyte)).slice(1), ["memory.swap.max=0"]);
  t.strictSame(writes(swap(v2, -1)).slice(1), []);
  t.strictSame(writes(swap(v1, -1)).slice(1), []);
  const without = swap({ ...v1, swapAccounting: false });
  t.strictSame(writes(without), ["memory.limit_in_bytes=67108864"]);
  t.match(without.warnings, [/swap/]);
  t.strictSame(swap({ ...v1, swapAccounting: false }, -1).warnings, []);
});

t.test("no limit, no write", async (t) => {
  t.strictSame(writes(plan(v1, { pidsLimit: -1, memoryBytes: 0, cpuShares: 0 })), []);
  t.strictSame(writes(plan({ ...v2, enabled: v2.available }, { pidsLimit: 0 })), []);
});

t.test("a limit without its controller names both", async (t) => {
  const { pids: _, ...others } = v1.controllers;
  const lacking = { ...v1, controllers: others, unused: ["pids"] };
  t.throws(() => plan(lacking, { pidsLimit: 5 }), { kind: "unsupported", message: /--pids-limit .* pids/, hint: /mount it/ });
  t.doesNotThrow(() => plan(lacking));
  t.throws(() => plan({ ...v2, available: ["cpu"] }, { memoryBytes: 64 * megabyte }), { message: /--memory .* memory/ });
  const { devices: __, ...unfiltered } = v1.controllers;
  t.throws(() => plan({ ...v1, controllers: unfiltered }, { devices: "default" }), { message: /devices/ });
});

t.test("limits that cannot be are refused before anything is planned", async (t) => {
  t.throws(() => plan({ ...v1, cpuset: { cpus: "0-1", mems: "0" } }, { cpusetCpus: "7", memoryBytes: 1 }), {
    kind: "invalid",
    message: /minimum is 6 MB.*; cpuset-cpus 7/,
  });
});

t.test("shares become weights that keep minimum, default and maximum", async (t) => {
  t.strictSame([1, 2, 1024, 262_144, 300_000].map(weightOfShares), [1, 1, 100, 10_000, 10_000]);
  t.equal(weightOfShares(512), 59);
});

const disk = { device: "8:0", readBps: 1_048_576, writeIops: 100 };

t.test("v1: rates, weights, real-time CPU, swappiness, the OOM killer", async (t) => {
  const planned = plan(
    { ...v1, weightFile: "blkio.bfq.weight" },
    {
      memorySwappiness: 0,
      oomKillDisable: true,
      cpuRealtimePeriodMicros: 500_000,
      cpuRealtimeRuntimeMicros: 1000,
      blkioWeight: 300,
      blkioWeightDevices: [{ device: "8:0", weight: 500 }],
      io: [disk],
    },
  );
  t.strictSame(writes(planned), [
    "memory.swappiness=0",
    "memory.oom_control=1",
    "cpu.rt_period_us=500000",
    "cpu.rt_runtime_us=1000",
    "blkio.bfq.weight=300",
    "blkio.bfq.weight_device=8:0 500",
    "blkio.throttle.read_bps_device=8:0 1048576",
    "blkio.throttle.write_iops_device=8:0 100",
  ]);
  t.match(planned.warnings, [/^OOM killer is disabled for the container, but no memory limit is set/]);
  t.strictSame(plan(v1, { oomKillDisable: true, memoryBytes: 64 * megabyte }).warnings, []);
});

t.test("v2: rates and weights in io files; what v2 lacks is refused", async (t) => {
  const io = { ...v2, enabled: [...v2.available] };
  const limits = { blkioWeight: 1000, blkioWeightDevices: [{ device: "8:0", weight: 10 }], io: [disk] };
  t.strictSame(writes(plan({ ...io, weightFile: "io.weight" }, limits)), [
    "io.weight=10000",
    "io.weight=8:0 1",
    "io.max=8:0 rbps=1048576 wiops=100",
  ]);
  t.strictSame(writes(plan({ ...io, weightFile: "io.bfq.weight" }, { blkioWeight: 300 })), ["io.bfq.weight=300"]);
  for (const [option, resources] of Object.entries({
    "--memory-swappiness": { memorySwappiness: 1 },
    "--oom-kill-disable": { oomKillDisable: true },
    "--cpu-rt-period": { cpuRealtimePeriodMicros: 1000 },
    "--cpu-rt-runtime": { cpuRealtimeRuntimeMicros: 1000 },
  }))
    t.throws(() => plan(io, resources), { kind: "unsupported", message: `${option} needs cgroup v1: cgroup v2 has nothing like it` });
});

t.test("weights without a scheduler that keeps them, rates without a controller", async (t) => {
  const { blkio, ...others } = v1.controllers;
  t.ok(blkio);
  for (const layout of [v1, v2]) {
    t.throws(() => plan(layout, { blkioWeight: 300 }), { kind: "unsupported", message: /^--blkio-weight would have no effect/ });
    t.throws(() => plan(layout, { blkioWeightDevices: [{ device: "8:0", weight: 300 }] }), { message: /^--blkio-weight-device would/ });
  }
  t.throws(() => plan({ ...v1, controllers: others }, { io: [disk] }), { message: /^--device-read-bps needs the cgroup controller blkio/ });
  t.throws(() => plan({ ...v2, available: ["memory"] }, { io: [disk] }), { message: /^--device-read-bps needs the cgroup controller io/ });
});

t.test("more device rules than docker's list", async (t) => {
  const deviceRules = [{ type: "b", major: 8, minor: 0, access: "r" } as const];
  const planned = plan(v1, { devices: "default", deviceRules });
  t.equal(writes(planned).at(-1), "devices.allow=b 8:0 r");
  t.strictSame(writes(plan(v1, { devices: "all", deviceRules })), [], "all is more");
  const program = (rules: typeof deviceRules) => plan(v2, { devices: "default", deviceRules: rules }).deviceProgramHex ?? "";
  t.ok(program(deviceRules).length > program([]).length);
});

t.test("a parent: made where it is missing and left, in each hierarchy", async (t) => {
  const request = { resources: { devices: "all" } as ResourceSpec, name: "tsns-x", parent: "a/b" };
  const legacy = planCgroup({ ...request, layout: v1 });
  t.match(
    legacy.plan.steps.slice(0, 3).map(({ step }) => step),
    [
      { kind: "cgroup.ensure", path: "/sys/fs/cgroup/memory/a" },
      { kind: "cgroup.ensure", path: "/sys/fs/cgroup/memory/a/b" },
      { kind: "cgroup.create", path: "/sys/fs/cgroup/memory/a/b/tsns-x" },
    ],
  );
  t.equal(legacy.directories.pids, "/sys/fs/cgroup/pids/a/b/tsns-x");
  t.notOk(undoOf(legacy.plan).some((step) => "path" in step && !step.path.endsWith("tsns-x")));
  const unified = planCgroup({ ...request, layout: v2 });
  t.strictSame(writes(unified).slice(1), [
    "cgroup.subtree_control=+memory +cpu +pids +io",
    "cgroup.subtree_control=+memory +cpu +pids +io",
  ]);
  t.equal(unified.into, `${v2.unified}/a/b/tsns-x`);
});

t.test("v1: a new parent has the CPUs of what is above it", async (t) => {
  const layout = { ...v1, cpuset: { cpus: "0-3", mems: "0" }, missingParents: ["a/b"] };
  const planned = planCgroup({ resources: { devices: "all", cpusetCpus: "1" }, layout, name: "tsns-x", parent: "a/b" });
  const cpuset = planned.plan.steps.flatMap(({ step }) =>
    step.kind === "cgroup.write" && step.path.includes("cpuset") ? [`${step.path}=${step.value}`] : [],
  );
  t.strictSame(
    cpuset.map((text) => text.replace("/sys/fs/cgroup/cpuset/", "")),
    ["a/b/cpuset.cpus=0-3", "a/b/cpuset.mems=0", "a/b/tsns-x/cpuset.cpus=1", "a/b/tsns-x/cpuset.mems=0"],
  );
});
