// Claims about slowness, from files of both versions of cgroups.
import t from "tap";
import { parsePressure } from "../../../src/container/why/pressure.ts";
import { judgeSlow, type SlowQuestion } from "../../../src/container/why/slow.ts";

const judge = (texts: Record<string, string>, version: "v1" | "v2" = "v1", pressure?: SlowQuestion["pressure"]) =>
  judgeSlow({ name: "web", group: { version, texts, parents: [] }, pressure, onlineCpus: 4 });

const idle = "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";

t.test("nothing holds it back", async (t) => {
  t.match(judge({ cpuStat: "nr_periods 0\nnr_throttled 0" }, "v1", { of: "host", texts: { cpu: idle } }), [{ cause: "not-limited" }]);
});

t.test("throttling, with what would have been enough", async (t) => {
  // half of each period was waited for: twice the quota
  const [claim] = judge({ cpuStat: "nr_periods 100\nnr_throttled 100\nthrottled_time 5000000000", cpuQuota: "50000", cpuPeriod: "100000" });
  t.match(claim, { grade: "proved", cause: "cpu-throttled", text: /0\.5 CPUs .* 100 of 100 periods/, remedy: /--cpus 1 web/ });
  const [unified] = judge({ cpuStat: "nr_periods 10\nnr_throttled 5\nthrottled_usec 250000", cpuMax: "50000 100000" }, "v2");
  t.match(unified, { cause: "cpu-throttled", remedy: /--cpus 1 web/ });
  const [most] = judge({ cpuStat: "nr_periods 10\nnr_throttled 10\nthrottled_time 99000000000", cpuQuota: "350000", cpuPeriod: "100000" });
  t.match(most, { remedy: /--cpus 4 web/ }, "no more than there are");
});

t.test("memory", async (t) => {
  const stat = "total_cache 3145728\ntotal_rss 8388608\ntotal_shmem 1048576\ntotal_workingset_refault_file 1024";
  const claims = judge({ memoryStat: stat, memoryLimit: "16777216", memoryFailures: "9", memoryUsage: "16777216" });
  t.match(claims, [
    { cause: "memory-split", text: "its memory: processes' own 8MiB, files (can be dropped) 2MiB, tmpfs and shared 1MiB" },
    { grade: "proved", cause: "memory-short", remedy: /--memory 20m web/ },
    { cause: "no-pressure" },
  ]);
});

t.test("processes", async (t) => {
  t.match(judge({ pidsMax: "20", pidsCurrent: "19" })[0], { cause: "pids-near" });
  t.match(judge({ pidsMax: "20", pidsCurrent: "3", pidsEvents: "max 7" })[0], { cause: "pids-short", remedy: /--pids-limit 27 web/ });
  t.notMatch(judge({ pidsMax: "max", pidsCurrent: "19" })[0], { cause: "pids-near" });
});

t.test("pressure", async (t) => {
  const text = "some avg10=1.00 avg60=40.50 avg300=2.00 total=3000000\nfull avg10=1.00 avg60=10.00 avg300=2.00 total=1\n";
  t.same(parsePressure(text), { some60: 40.5, full60: 10, someMicros: 3_000_000 });
  t.equal(parsePressure("nothing"), undefined);
  t.match(judge({}, "v2", { of: "container", texts: { io: text } })[0], { grade: "proved", cause: "io-pressure", text: /for disks 40.5%/ });
  t.match(judge({}, "v1", { of: "host", texts: { cpu: text } })[0], { grade: "likely", text: /on this host/ });
});
