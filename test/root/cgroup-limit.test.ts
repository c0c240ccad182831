// Limits as the kernel keeps them, on the layout this host has.
import { existsSync, readFileSync } from "node:fs";
import t, { type Test } from "tap";
import { readOomKills } from "../../src/cgroup/usage.ts";
import { type GroupFiles, openGroupFiles } from "../../src/kernel/cgroup/counter.ts";
import { writeCgroupFile } from "../../src/kernel/cgroup/file.ts";
import { readHostCpu } from "../../src/kernel/proc/host.ts";
import { lineOf, makeGroup, outcomeOf } from "../cgroup/group.ts";

const megabyte = 1024 * 1024;

function filesOf(t: Test, group: ReturnType<typeof makeGroup>): GroupFiles {
  const files = openGroupFiles(group.directories, { left: 20 });
  t.teardown(() => files.close());
  return files;
}
const read = (path: string) => readFileSync(path, "utf8").trim();

t.test("every limit reads back as it was planned", async (t) => {
  const group = makeGroup({
    memoryBytes: 64 * megabyte,
    memorySwapBytes: 96 * megabyte,
    memoryReservationBytes: 32 * megabyte,
    cpuShares: 512,
    cpuPeriodMicros: 50_000,
    cpuQuotaMicros: 20_000,
    cpusetCpus: "0",
    pidsLimit: 17,
    devices: "default",
  });
  t.teardown(() => group.remove());
  const { memory, cpu, cpuset, pids, devices, unified } = group.directories;
  if (unified) {
    t.equal(read(`${unified}/memory.max`), `${64 * megabyte}`);
    t.equal(read(`${unified}/memory.swap.max`), `${32 * megabyte}`);
    t.equal(read(`${unified}/memory.low`), `${32 * megabyte}`);
    t.equal(read(`${unified}/cpu.max`), "20000 50000");
    t.equal(read(`${unified}/cpu.weight`), "59");
    t.equal(read(`${unified}/cpuset.cpus`), "0");
    t.equal(read(`${unified}/pids.max`), "17");
    return;
  }
  t.equal(read(`${memory}/memory.limit_in_bytes`), `${64 * megabyte}`);
  if (existsSync(`${memory}/memory.memsw.limit_in_bytes`)) t.equal(read(`${memory}/memory.memsw.limit_in_bytes`), `${96 * megabyte}`);
  t.equal(read(`${memory}/memory.soft_limit_in_bytes`), `${32 * megabyte}`);
  t.equal(read(`${cpu}/cpu.shares`), "512");
  t.equal(read(`${cpu}/cpu.cfs_period_us`), "50000");
  t.equal(read(`${cpu}/cpu.cfs_quota_us`), "20000");
  t.equal(read(`${cpuset}/cpuset.cpus`), "0");
  t.not(read(`${cpuset}/cpuset.mems`), "");
  t.equal(read(`${pids}/pids.max`), "17");
  t.match(read(`${devices}/devices.list`), /^c \*:\* m$/m);
  t.match(read(`${devices}/devices.list`), /^c 136:\* rwm$/m);
  t.equal(read(`${devices}/devices.list`).split("\n").length, 12);
});

t.test("a file that this kernel does not have is told as that", async (t) => {
  const group = makeGroup({ pidsLimit: 5 });
  t.teardown(() => group.remove());
  const path = `${group.directories.unified ?? group.directories.pids}/pids.nothing`;
  t.throws(() => writeCgroupFile(path, "1"), { name: "KernelError", errno: "ENOENT", target: path, hint: /has no such file/ });
});

t.test("what exceeds its memory is killed, and the cgroup tells", async (t) => {
  const group = makeGroup({ memoryBytes: 16 * megabyte, memorySwapBytes: 16 * megabyte });
  t.teardown(() => group.remove());
  const child = await group.start("exec tail /dev/zero");
  t.equal((await outcomeOf(child)).signal, "SIGKILL");
  t.equal(group.oom?.path === undefined ? 0 : readOomKills(read(group.oom.path), group.into ? "v2" : "v1"), 1);
  t.equal(filesOf(t, group).readCounters().oomKills, 1);
  t.equal(filesOf(t, group).readLimits().memoryBytes, 16 * megabyte);
});

t.test("no more processes than allowed", async (t) => {
  const group = makeGroup({ pidsLimit: 3 });
  t.teardown(() => group.remove());
  const child = await group.start("exec 2>/dev/null; for i in 1 2 3; do sleep 100 >/dev/null & done; echo made; wait");
  const { output, code } = await outcomeOf(child);
  t.notMatch(output, /made/);
  t.not(code, 0);
  t.equal(filesOf(t, group).readLimits().pids, 3);
});

t.test("a process is pinned to the CPUs asked for", async (t) => {
  const group = makeGroup({ cpusetCpus: "0" });
  t.teardown(() => group.remove());
  const child = await group.start("grep Cpus_allowed_list /proc/self/status");
  t.match((await outcomeOf(child)).output, /:\s+0$/m);
});

t.test("a CPU quota throttles", async (t) => {
  const group = makeGroup({ cpuQuotaMicros: 1000, cpuPeriodMicros: 10_000 });
  t.teardown(() => group.remove());
  const child = await group.start("i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done");
  t.equal((await outcomeOf(child)).code, 0);
  const files = filesOf(t, group);
  t.ok((files.readCpuNanos() ?? 0) > 0);
  t.ok(files.readCounters().throttledNanos > 0);
});

t.test("a v1 device filter lets through docker's list only", async (t) => {
  const group = makeGroup({ devices: "default" });
  t.teardown(() => group.remove());
  if (group.into) {
    t.match(group.deviceProgramHex, /^61/, "v2: a program, loaded by the native helper");
    return;
  }
  const child = await group.start(
    "cat /dev/null && head -c 1 /dev/zero >/dev/null && echo open; (: </dev/kmsg) 2>/dev/null || echo denied",
  );
  t.equal((await outcomeOf(child)).output, "open\ndenied\n");
});

t.test("usage of a running process", async (t) => {
  const group = makeGroup();
  t.teardown(() => group.remove());
  const child = await group.start("echo up; read end");
  t.equal(await lineOf(child), "up");
  const files = filesOf(t, group);
  t.match(files.readCounters(), { pids: 1, oomKills: 0 });
  t.ok(files.readCounters().memoryBytes > 0);
  const cpuNanos = files.readCpuNanos() ?? 0;
  t.ok(cpuNanos > 0 && cpuNanos < readHostCpu().totalNanos);
  t.ok(files.readLimits().memoryBytes > 0);
  child.stdin?.end();
  await outcomeOf(child);
  t.equal(files.readCounters().pids, 0, "the same files, read anew");
  t.ok((files.readCpuNanos() ?? 0) >= cpuNanos);
  group.remove();
  t.equal(files.readCpuNanos(), undefined, "the group has gone");
});
