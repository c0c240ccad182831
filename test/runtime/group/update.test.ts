import t from "tap";
import type { PlannedStep } from "../../../src/plan/plan.ts";
import type { RuntimeResources } from "../../../src/runtime/config/resource.ts";
import { firstLimit, type GroupNow, planDeviceUpdate, planGroupUpdate } from "../../../src/runtime/group/update.ts";

const none: RuntimeResources = { devices: [], hugepageLimits: [], rdma: {}, unified: {} };
const nothing: GroupNow = { legacy: {}, unified: {}, files: {} };

/** "FILE=VALUE" */
const shown = (steps: readonly PlannedStep[]) =>
  steps.map(({ step }) => (step.kind === "cgroup.write" ? `${step.path.replace(/.*\//, "")}=${step.value}` : step.kind));

const updated = (resources: Partial<RuntimeResources>, directories: Readonly<Record<string, string>>, now: Partial<GroupNow>) =>
  shown(planGroupUpdate(directories, { ...none, ...resources }, { ...nothing, ...now }).steps);

t.test("v1: a limit of memory that rises above that of memory and swap is set second", async (t) => {
  const order = (limit: bigint, swap: bigint) => updated({ memory: { limit, swap } }, { memory: "/m" }, { legacy: { swapLimit: 100n } });
  t.same(order(200n, 400n), ["memory.memsw.limit_in_bytes=400", "memory.limit_in_bytes=200"]);
  t.same(order(50n, 60n), ["memory.limit_in_bytes=50", "memory.memsw.limit_in_bytes=60"]);
  const unlimited = (swapLimit?: bigint) =>
    updated({ memory: { limit: -1n } }, { memory: "/m" }, { legacy: swapLimit === undefined ? {} : { swapLimit } });
  t.same(unlimited(100n), ["memory.memsw.limit_in_bytes=-1", "memory.limit_in_bytes=-1"], "no limit of memory is one of neither");
  t.same(unlimited(), ["memory.limit_in_bytes=-1"], "swap is not counted");
});

t.test("v1: a period that falls comes after its quota, one that rises before it", async (t) => {
  const order = (period: bigint) => updated({ cpu: { quota: 5000n, period } }, { cpu: "/c" }, { legacy: { cpuPeriod: 50_000n } });
  t.same(order(20_000n), ["cpu.cfs_quota_us=5000", "cpu.cfs_period_us=20000"]);
  t.same(order(80_000n), ["cpu.cfs_period_us=80000", "cpu.cfs_quota_us=5000"]);
});

t.test("v1: so it is of real-time processes", async (t) => {
  const order = (period: bigint, now?: bigint) =>
    updated(
      { cpu: { realtimeRuntime: 3000n, realtimePeriod: period } },
      { cpu: "/c" },
      { legacy: now === undefined ? {} : { realtimePeriod: now } },
    );
  t.same(order(10_000n, 900_000n), ["cpu.rt_runtime_us=3000", "cpu.rt_period_us=10000"]);
  t.same(order(950_000n, 900_000n), ["cpu.rt_period_us=950000", "cpu.rt_runtime_us=3000"]);
  t.same(order(950_000n), ["cpu.rt_runtime_us=3000", "cpu.rt_period_us=950000"], "a new group's period is a second");
});

t.test("what is saved up falls before the quota and rises after it", async (t) => {
  const change = (burst: bigint) => ({ cpu: { quota: 20_000n, period: 100_000n, burst } });
  const unified = (burst: bigint) => updated(change(burst), { unified: "/g" }, { unified: { cpuBurst: 15_000n } });
  t.same(unified(10_000n), ["cpu.max.burst=10000", "cpu.max=20000 100000"]);
  t.same(unified(16_000n), ["cpu.max=20000 100000", "cpu.max.burst=16000"]);
  const legacy = updated(change(10_000n), { cpu: "/c" }, { legacy: { cpuBurst: 15_000n } });
  t.same(legacy, ["cpu.cfs_burst_us=10000", "cpu.cfs_period_us=100000", "cpu.cfs_quota_us=20000"]);
});

t.test("where no CPU time can be saved up none is", async (t) => {
  const files = { files: { hasBurst: false } };
  for (const [directories, file] of [
    [{ cpu: "/c" }, "cpu.cfs_burst_us"],
    [{ unified: "/g" }, "cpu.max.burst"],
  ] as const) {
    t.same(updated({ cpu: { burst: 0n } }, directories, {}), [`${file}=0`]);
    t.same(updated({ cpu: { burst: 0n } }, directories, files), []);
    t.same(updated({ cpu: { burst: 5n } }, directories, files), [`${file}=5`], "the kernel says what is wrong");
  }
});

t.test("v2: half of cpu.max keeps the other half; a limit of swap refers to the memory limit that is set", async (t) => {
  const now = { unified: { cpuQuota: 20_000n, cpuPeriod: 50_000n, memoryLimit: 100n } };
  t.same(updated({ cpu: { quota: 10_000n } }, { unified: "/g" }, now), ["cpu.max=10000 50000"]);
  t.same(updated({ cpu: { quota: -1n } }, { unified: "/g" }, now), ["cpu.max=max 50000"]);
  t.same(updated({ memory: { swap: 130n } }, { unified: "/g" }, now), ["memory.swap.max=30"]);
});

t.test("a limit of processes that is 0 is not to be changed, as runc and crun have it", async (t) => {
  const change = { pids: { limit: 0n }, cpu: { shares: 1024n } };
  t.same(updated(change, { cpu: "/c", pids: "/p" }, {}), ["cpu.shares=1024"]);
  t.same(updated(change, { unified: "/g" }, {}), ["cpu.weight=100"]);
  t.same(updated({ pids: { limit: 0n } }, { memory: "/m" }, {}), [], "no group is needed for it");
  for (const directories of [{ pids: "/p" }, { unified: "/g" }] as const) {
    t.same(updated({ pids: { limit: -1n } }, directories, {}), ["pids.max=max"]);
    t.same(updated({ pids: { limit: 7n } }, directories, {}), ["pids.max=7"]);
  }
});

t.test("without a group of the controller", async (t) => {
  t.throws(() => updated({ pids: { limit: 5n } }, { memory: "/m" }, {}), { code: "cgroup-controller-missing" });
  t.throws(() => planDeviceUpdate({ memory: "/m" }, []), { code: "no-device-group" });
});

t.test("devices: rules on v1, a program on v2", async (t) => {
  const rules = [{ allow: false, type: "a", access: "rwm" }] as const;
  t.match(shown(planDeviceUpdate({ devices: "/d" }, rules).steps), ["devices.deny=a", /^devices\.allow=c \*:\* m\n/]);
  const { steps, program } = planDeviceUpdate({ unified: "/g" }, rules);
  t.same(steps, []);
  t.equal(program?.directory, "/g");
  t.match(program?.programHex, /^([0-9a-f]{16})+$/);
});

t.test("whether anything is limited", async (t) => {
  t.equal(firstLimit({ ...none, devices: [{ allow: false, type: "a", access: "rwm" }] }), undefined);
  t.equal(firstLimit({ ...none, pids: { limit: 5n } }), "pids.max");
  t.equal(firstLimit({ ...none, unified: { "memory.high": "5" } }), "memory.high");
});
