import t from "tap";
import { groupStats, oomKills, type ReadGroupFile } from "../../../src/runtime/group/stats.ts";

const reading =
  (files: Readonly<Record<string, string>>): ReadGroupFile =>
  (controller, file) =>
    files[`${controller} ${file}`];

t.test("v1", async (t) => {
  const read = reading({
    "cpuacct cpuacct.usage": "2500\n",
    "cpuacct cpuacct.usage_percpu": "2000 500 \n",
    "cpuacct cpuacct.stat": "user 3\nsystem 1\n",
    "cpuacct cpuacct.usage_all": "cpu user system\n0 1500 500\n1 400 100\n",
    "cpuset cpuset.cpus": "0-1,3\n",
    "cpuset cpuset.mems": "0\n",
    "cpuset cpuset.sched_relax_domain_level": "-1\n",
    "hugetlb hugetlb.2MB.usage_in_bytes": "2097152\n",
    "hugetlb hugetlb.2MB.max_usage_in_bytes": "4194304\n",
    "hugetlb hugetlb.2MB.failcnt": "7\n",
    "cpu cpu.stat": "nr_periods 4\nnr_throttled 2\nthrottled_time 99\n",
    "memory memory.usage_in_bytes": "4096\n",
    "memory memory.limit_in_bytes": "8192\n",
    "memory memory.stat": "cache 512\nrss 7\n",
    "memory memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
    "pids pids.current": "3\n",
    "pids pids.max": "max\n",
    "blkio blkio.throttle.io_service_bytes_recursive": "8:0 Read 4096\n8:0 Write 1\nTotal 4097\n",
  });
  t.match(groupStats(read, false), {
    cpu: {
      usage: {
        total: 2500,
        percpu: [2000, 500],
        percpu_user: [1500, 400],
        percpu_kernel: [500, 100],
        user: 30_000_000,
        kernel: 10_000_000,
      },
      throttling: { periods: 4, throttledPeriods: 2, throttledTime: 99 },
    },
    memory: { cache: 512, usage: { usage: 4096, limit: 8192 }, raw: { rss: 7 } },
    pids: { current: 3, limit: undefined },
    cpuset: { cpus: [0, 1, 3], mems: [0], cpu_exclusive: 0, sched_relax_domain_level: -1 },
    hugetlb: { "2MB": { usage: 2_097_152, max: 4_194_304, failcnt: 7 } },
    blkio: {
      ioServiceBytesRecursive: [
        { major: 8, minor: 0, op: "Read", value: 4096 },
        { major: 8, minor: 0, op: "Write", value: 1 },
      ],
      ioServicedRecursive: [],
    },
  });
  t.equal(oomKills(read, false), 2);
});

t.test("v2", async (t) => {
  const read = reading({
    "cpu cpu.stat": "usage_usec 5\nuser_usec 3\nsystem_usec 2\nnr_periods 1\nnr_throttled 1\nthrottled_usec 4\n",
    "memory memory.current": "4096\n",
    "memory memory.max": "max\n",
    "memory memory.stat": "file 512\n",
    "memory memory.events": "low 0\noom 1\noom_kill 1\n",
    "pids pids.current": "3\n",
    "pids pids.max": "10\n",
    "hugetlb hugetlb.1GB.current": "0\n",
    "hugetlb hugetlb.1GB.events": "max 2\n",
    "memory memory.pressure": "some avg10=1.50 avg60=0.20 avg300=0.00 total=99\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n",
    "io io.stat": "8:0 rbytes=4096 wbytes=1 rios=2 wios=1 dbytes=0 dios=0\n",
  });
  t.match(groupStats(read, true), {
    cpu: { usage: { total: 5000, user: 3000, kernel: 2000 }, throttling: { periods: 1, throttledPeriods: 1, throttledTime: 4000 } },
    memory: {
      cache: 512,
      usage: { usage: 4096 },
      psi: { some: { avg10: 1.5, avg60: 0.2, avg300: 0, total: 99 }, full: { total: 7 } },
    },
    pids: { current: 3, limit: 10 },
    hugetlb: { "1GB": { usage: 0, max: undefined, failcnt: 2 } },
    blkio: {
      ioServicedRecursive: [
        { op: "Read", value: 2 },
        { op: "Write", value: 1 },
      ],
    },
  });
  t.equal(oomKills(read, true), 1);
});

t.test("no limit is a number that fits in 64 bits", async (t) => {
  const text = JSON.stringify(groupStats(reading({ "memory memory.max": "max\n" }), true));
  const [, limit = "0"] = /"limit":(\d+)/.exec(text) ?? [];
  t.ok(BigInt(limit) < 2n ** 64n && BigInt(limit) > 2n ** 63n, limit);
});

t.test("files that are not there count nothing", async (t) => {
  for (const isUnified of [true, false]) {
    t.match(
      groupStats(() => undefined, isUnified),
      { cpu: { usage: { total: 0 } }, memory: { cache: 0 }, pids: { current: 0 } },
    );
    t.equal(
      oomKills(() => undefined, isUnified),
      0,
    );
  }
});
