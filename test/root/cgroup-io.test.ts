// Limits of block devices, a parent group, and what only one cgroup version has, on the layout this host has.
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { dirname } from "node:path";
import t from "tap";
import { lineOf, makeGroup, outcomeOf } from "../cgroup/group.ts";
import { needRoot } from "../fixture/root.ts";

const read = (path: string) => readFileSync(path, "utf8").trim();
const disk = readdirSync("/sys/block")
  .map((name) => read(`/sys/block/${name}/dev`))
  .at(0);

t.test("rates of a disk read back as they were planned", needRoot, async (t) => {
  if (disk === undefined) {
    t.same(readdirSync("/sys/block"), [], "a machine without disks has none to limit");
    return;
  }
  const group = makeGroup({ io: [{ device: disk, readBps: 1_048_576, writeBps: 2_097_152, readIops: 10, writeIops: 20 }] });
  t.teardown(() => group.remove());
  const { unified, blkio } = group.directories;
  if (unified) {
    t.equal(read(`${unified}/io.max`), `${disk} rbps=1048576 wbps=2097152 riops=10 wiops=20`);
    return;
  }
  const rates = { read_bps: 1_048_576, write_bps: 2_097_152, read_iops: 10, write_iops: 20 };
  for (const [name, rate] of Object.entries(rates)) t.equal(read(`${blkio}/blkio.throttle.${name}_device`), `${disk} ${rate}`, name);
});

t.test("real-time CPU time, swappiness, no OOM killer: cgroup v1 alone", needRoot, async (t) => {
  const limits = { cpuRealtimePeriodMicros: 400_000, memorySwappiness: 3, oomKillDisable: true } as const;
  const plain = makeGroup();
  t.teardown(() => plain.remove());
  if (plain.directories.unified) {
    for (const [key, value] of Object.entries(limits))
      t.throws(() => makeGroup({ [key]: value }), { kind: "unsupported", message: /needs cgroup v1/ }, key);
    return;
  }
  const group = makeGroup(limits);
  t.teardown(() => group.remove());
  const { memory, cpu } = group.directories;
  t.equal(read(`${cpu}/cpu.rt_period_us`), "400000");
  t.equal(read(`${memory}/memory.swappiness`), "3");
  t.match(read(`${memory}/memory.oom_control`), /^oom_kill_disable 1$/m);
});

t.test("below a parent that is made on the way, whose limit holds as well", needRoot, async (t) => {
  const parent = `tsns-parent-${randomBytes(6).toString("hex")}/deep`;
  const group = makeGroup({ pidsLimit: 50, cpusetCpus: "0" }, parent);
  const directories = [...new Set(Object.values(group.directories))];
  t.teardown(() => {
    group.remove();
    for (const directory of directories) for (const path of [dirname(directory), dirname(dirname(directory))]) rmdirSync(path);
  });
  for (const directory of directories) t.ok(directory.endsWith(`/${parent}/${group.name}`) && existsSync(directory), directory);
  const { unified, pids, cpuset } = group.directories;
  t.equal(read(`${unified ?? pids}/pids.max`), "50");
  t.equal(read(`${unified ?? cpuset}/cpuset.cpus`), "0");
  const child = await group.start("cat /proc/self/cgroup; nproc");
  const first = lineOf(child);
  t.match(`${await first}`, new RegExp(group.name));
  t.equal((await outcomeOf(child)).code, 0);
  const another = makeGroup({ cpusetCpus: "0" }, parent);
  another.remove();
  t.ok(existsSync(unified ?? pids ?? ""), "its parent stays while others are below it");
});
