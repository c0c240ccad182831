import t from "tap";
import { parseCpuList } from "../../src/cgroup/cpuset.ts";
import type { ResourceSpec } from "../../src/cgroup/spec.ts";
import { validateCpus, validateResources } from "../../src/cgroup/validate.ts";

const megabyte = 1024 * 1024;
const host = { cpus: "0-3", mems: "0" };
const problemsOf = (resources: Partial<ResourceSpec>) => validateResources({ devices: "default", ...resources }, host);

t.test("what docker takes", async (t) => {
  const fine: readonly Partial<ResourceSpec>[] = [
    {},
    { memoryBytes: 6 * megabyte, memorySwapBytes: 6 * megabyte, memoryReservationBytes: 6 * megabyte },
    { memoryBytes: 6 * megabyte, memorySwapBytes: -1 },
    { memorySwapBytes: -1 },
    { cpuShares: 2 },
    { cpuShares: 262_144 },
    { cpuPeriodMicros: 1000, cpuQuotaMicros: 1000 },
    { cpuPeriodMicros: 1_000_000, cpuQuotaMicros: -1 },
    { cpusetCpus: "0-2,3", cpusetMems: "0" },
    { pidsLimit: -1 },
    { pidsLimit: 0 },
  ];
  for (const resources of fine) t.strictSame(problemsOf(resources), [], JSON.stringify(resources));
});

t.test("what it does not", async (t) => {
  const wrong: readonly [Partial<ResourceSpec>, RegExp][] = [
    [{ memoryBytes: 6 * megabyte - 1 }, /6 MB/],
    [{ memoryBytes: -1 }, /6 MB/],
    [{ memoryBytes: Number.NaN }, /memory limit/],
    [{ memoryReservationBytes: 1 }, /reservation/],
    [{ memoryBytes: 8 * megabyte, memoryReservationBytes: 9 * megabyte }, /above the memory limit/],
    [{ memorySwapBytes: 8 * megabyte }, /needs a memory limit/],
    [{ memoryBytes: 8 * megabyte, memorySwapBytes: 7 * megabyte }, /below the memory limit/],
    [{ memoryBytes: 8 * megabyte, memorySwapBytes: -2 }, /-1/],
    [{ cpuShares: 1 }, /shares/],
    [{ cpuShares: 262_145 }, /shares/],
    [{ cpuPeriodMicros: 999 }, /period/],
    [{ cpuPeriodMicros: 1_000_001 }, /period/],
    [{ cpuQuotaMicros: 999 }, /quota/],
    [{ cpuQuotaMicros: -2 }, /quota/],
    [{ cpusetCpus: "0-" }, /not a list/],
    [{ cpusetCpus: "," }, /not a list/],
    [{ cpusetCpus: "3-5" }, /4,5.*0-3/],
    [{ cpusetMems: "1" }, /cpuset-mems/],
    [{ pidsLimit: -2 }, /pids/],
    [{ pidsLimit: 1.5 }, /pids/],
  ];
  for (const [resources, message] of wrong) {
    const problems = problemsOf(resources);
    t.equal(problems.length, 1, JSON.stringify(resources));
    t.match(problems[0], message);
  }
});

t.test("all problems at once", async (t) => {
  t.equal(problemsOf({ memoryBytes: 1, cpuShares: 1, cpusetCpus: "x", pidsLimit: -5 }).length, 4);
});

t.test("unknown CPUs are not checked", async (t) => {
  t.strictSame(validateResources({ devices: "all", cpusetCpus: "900" }), []);
});

t.test("--cpus", async (t) => {
  t.strictSame(validateCpus(0.01, 2), []);
  t.strictSame(validateCpus(2, 2), []);
  for (const cpus of [0, 0.001, 2.1, -1, Number.NaN]) t.match(validateCpus(cpus, 2), [/between 0.01 and 2/]);
});

t.test("lists", async (t) => {
  t.strictSame(parseCpuList("0-2,4,1"), [0, 1, 2, 4]);
  t.strictSame(parseCpuList(""), []);
  t.strictSame(parseCpuList(" 0-1\n"), [0, 1]);
  for (const text of ["2-1", "a", "0--1", "0,", "-1", "0-99999", "99999999"]) t.equal(parseCpuList(text), undefined, text);
});
