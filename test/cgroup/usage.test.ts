import t from "tap";
import { computeStats, parseBlkio, parseFlat, parseIoStat, parseNumber, parseUsage, readOomKills } from "../../src/cgroup/usage.ts";
import { recorded } from "./fixture.ts";

const host = { readMs: 0, memoryBytes: 4 * 1024 ** 3, systemCpuNanos: 1e12, onlineCpus: 2 };

t.test("v2, recorded after an OOM kill", async (t) => {
  const read = (file: string) => recorded("v2", file);
  const usage = parseUsage(
    "v2",
    {
      memoryUsage: read("memory.current"),
      memoryLimit: read("memory.max"),
      memoryStat: read("memory.stat"),
      memoryEvents: read("memory.events"),
      cpuStat: read("cpu.stat"),
      pidsCurrent: read("pids.current"),
      pidsMax: read("pids.max"),
      blockIo: read("io.stat"),
    },
    host,
  );
  const inactive = Number(/^inactive_file (\d+)$/m.exec(read("memory.stat"))?.[1]);
  t.equal(usage.memoryBytes, Number(read("memory.current")) - inactive);
  t.match(usage, {
    memoryLimitBytes: 16_777_216,
    cpuNanos: 1_753_636_000,
    pids: 0,
    pidsLimit: 64,
    blockReadBytes: 262_144,
    blockWriteBytes: 262_144,
    throttled: { periods: 90, throttledPeriods: 87, nanos: 6_751_653_000 },
    oomKills: 1,
  });
});

t.test("v1, recorded after an OOM kill", async (t) => {
  const read = (file: string) => recorded("v1", file);
  const usage = parseUsage(
    "v1",
    {
      memoryUsage: read("memory.usage_in_bytes"),
      memoryLimit: read("memory.limit_in_bytes"),
      memoryStat: read("memory.stat"),
      memoryEvents: read("memory.oom_control"),
      cpuUsage: read("cpuacct.usage"),
      cpuStat: read("cpu.stat"),
      pidsCurrent: read("pids.current"),
      pidsMax: read("pids.max"),
      blockIo: read("blkio.throttle.io_service_bytes_recursive"),
      bfqIo: "8:0 Read 10\n8:0 Write 20\nTotal 30\n",
    },
    host,
  );
  const inactive = Number(/^total_inactive_file (\d+)$/m.exec(read("memory.stat"))?.[1]);
  t.equal(usage.memoryBytes, Number(read("memory.usage_in_bytes")) - inactive);
  t.equal(usage.cpuNanos, Number(read("cpuacct.usage")));
  t.match(usage, {
    memoryLimitBytes: 16_777_216,
    pidsLimit: 64,
    blockReadBytes: 10,
    blockWriteBytes: 20,
    throttled: { periods: 90, throttledPeriods: 86, nanos: 6_788_727_655 },
    oomKills: 1,
  });
});

t.test("no limit, no controller", async (t) => {
  t.match(parseUsage("v2", { memoryLimit: "max\n", pidsMax: "max\n" }, host), {
    memoryLimitBytes: host.memoryBytes,
    pidsLimit: 0,
    pids: 0,
  });
  t.equal(parseUsage("v1", { memoryLimit: "9223372036854771712\n" }, host).memoryLimitBytes, host.memoryBytes);
  t.match(parseUsage("v1", {}, host), { memoryBytes: 0, cpuNanos: 0, oomKills: 0, memoryLimitBytes: host.memoryBytes });
  t.equal(
    parseUsage("v2", { memoryUsage: "100", memoryStat: "inactive_file 200" }, host).memoryBytes,
    100,
    "counters are not read at one instant",
  );
});

t.test("kills by the OOM killer", async (t) => {
  t.equal(readOomKills("oom_kill_disable 0\nunder_oom 0\noom_kill 3\n", "v1"), 3);
  t.equal(readOomKills("oom_kill_disable 0\nunder_oom 1\n", "v1"), 0, "before Linux 4.13");
  t.equal(readOomKills("low 0\nhigh 0\nmax 9\noom 5\noom_kill 2\noom_group_kill 1\n", "v2"), 2);
  t.equal(readOomKills("", "v2"), 0);
});

t.test("parts", async (t) => {
  t.equal(parseNumber("max\n"), Number.POSITIVE_INFINITY);
  t.equal(parseNumber(undefined), undefined);
  t.equal(parseNumber("12x"), undefined);
  t.equal(parseFlat("a 1\nb x\nc 2 3\n").size, 1);
  t.strictSame(parseBlkio("8:0 Read 1\n8:16 Read 2\n8:0 Write 4\n8:0 Total 7\nTotal 7\n"), { readBytes: 3, writeBytes: 4 });
  t.strictSame(parseIoStat("8:0 rbytes=1 wbytes=2 rios=9\n8:16 rbytes=10\n"), { readBytes: 11, writeBytes: 2 });
});

t.test("docker's percentages", async (t) => {
  const before = parseUsage("v1", { cpuUsage: "1000000000", memoryUsage: "1073741824" }, host);
  const after = { ...before, cpuNanos: 2e9, systemCpuNanos: host.systemCpuNanos + 4e9, readMs: 2000 };
  t.strictSame(computeStats(before, after), { cpuPercent: 50, memoryPercent: 25, intervalMs: 2000 });
  t.equal(computeStats(before, before).cpuPercent, 0);
  t.equal(computeStats(after, before).cpuPercent, 0, "restarted in between");
});
