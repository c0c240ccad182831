// Counters of a group: picked out of its files, which stay open while there is room for descriptors.
import { readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import t from "tap";
import { openGroupFiles } from "../../../src/kernel/cgroup/counter.ts";
import { recorded } from "../../cgroup/fixture.ts";

const recordings = fileURLToPath(new URL("../../cgroup/fixture", import.meta.url));
const legacy = (directory: string) => ({ memory: directory, cpu: directory, cpuacct: directory, pids: directory, blkio: directory });

t.test("v2, recorded after an OOM kill", async (t) => {
  const files = openGroupFiles({ unified: `${recordings}/v2` }, { left: 20 });
  t.teardown(() => files.close());
  const read = (file: string) => recorded("v2", file);
  t.equal(files.readCpuNanos(), 1_753_636_000);
  t.same(files.readCounters(), {
    memoryBytes: Number(read("memory.current")) - Number(/^inactive_file (\d+)$/m.exec(read("memory.stat"))?.[1]),
    throttledNanos: 6_751_653_000,
    pids: 0,
    blockReadBytes: 262_144,
    blockWriteBytes: 262_144,
    oomKills: 1,
  });
  t.same(files.readLimits(), { memoryBytes: 16_777_216, pids: 64 });
});

t.test("v1, recorded after an OOM kill", async (t) => {
  const files = openGroupFiles(legacy(`${recordings}/v1`), { left: 20 });
  t.teardown(() => files.close());
  const read = (file: string) => recorded("v1", file);
  t.equal(files.readCpuNanos(), Number(read("cpuacct.usage")));
  t.match(files.readCounters(), {
    memoryBytes: Number(read("memory.usage_in_bytes")) - Number(/^total_inactive_file (\d+)$/m.exec(read("memory.stat"))?.[1]),
    throttledNanos: 6_788_727_655,
    oomKills: 1,
  });
  t.same(files.readLimits(), { memoryBytes: 16_777_216, pids: 64 });
});

t.test("bytes of several disks, and of two policies that count the same ones", async (t) => {
  const directory = t.testdir({
    "blkio.throttle.io_service_bytes_recursive": "8:0 Read 1\n8:0 Write 4\n8:0 Total 5\n8:16 Read 2\nTotal 7\n",
    "blkio.bfq.io_service_bytes_recursive": "8:0 Read 10\n8:0 Write 1\nTotal 11\n",
    "io.stat": "8:0 rbytes=1 wbytes=2 rios=9\n8:16 rbytes=10\n",
  });
  t.match(openGroupFiles(legacy(directory), { left: 0 }).readCounters(), { blockReadBytes: 10, blockWriteBytes: 4 });
  t.match(openGroupFiles({ unified: directory }, { left: 0 }).readCounters(), { blockReadBytes: 11, blockWriteBytes: 2 });
});

t.test("pressure, where the kernel counts it", async (t) => {
  const some = (share: string) => `some avg10=${share} avg60=0.00 avg300=0.00 total=1\nfull avg10=9.00 avg60=0.00 avg300=0.00 total=1\n`;
  const directory = t.testdir({ "cpu.pressure": some("1.50"), "memory.pressure": some("0.00"), "io.pressure": some("100.00") });
  t.same(openGroupFiles({ unified: directory }, { left: 0 }).readCounters().pressure, { cpu: 1.5, memory: 0, io: 100 });
});

t.test("no limit, no controller, no group", async (t) => {
  const directory = t.testdir({ "memory.max": "max\n", "pids.max": "max\n" });
  t.same(openGroupFiles({ unified: directory }, { left: 2 }).readLimits(), { memoryBytes: Number.POSITIVE_INFINITY, pids: 0 });
  const none = openGroupFiles({}, { left: 2 });
  t.equal(none.readCpuNanos(), 0, "nothing counts it");
  t.match(none.readCounters(), { memoryBytes: 0, pids: 0, oomKills: 0 });
  t.equal(none.readLimits().memoryBytes, Number.POSITIVE_INFINITY);
  t.equal(openGroupFiles(legacy("/nonexistent/group"), { left: 2 }).readCpuNanos(), undefined, "it has gone");
});

t.test("descriptors: as many as there is room for, and all given back", async (t) => {
  const directory = t.testdir({ "cpuacct.usage": "5\n", "memory.usage_in_bytes": "100\n", "pids.current": "1\n" });
  const open = () => readdirSync("/proc/self/fd").length;
  const before = open();
  const room = { left: 2 };
  const files = openGroupFiles(legacy(directory), room);
  t.equal(files.readCpuNanos(), 5);
  t.match(files.readCounters(), { memoryBytes: 100, pids: 1 });
  t.equal(room.left, 0);
  t.equal(open() - before, 2);
  writeFileSync(`${directory}/cpuacct.usage`, "6\n");
  writeFileSync(`${directory}/pids.current`, "2\n");
  t.equal(files.readCpuNanos(), 6, "read anew from a descriptor that stayed open");
  t.equal(files.readCounters().pids, 2, "and from one that did not");
  files.close();
  t.equal(room.left, 2);
  t.equal(open(), before);
});
