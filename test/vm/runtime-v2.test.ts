// Limits of the OCI runtime on cgroup v2 alone, as the kernel holds them, and what it counts.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import t from "tap";
import { type Document, openOciBox } from "../fixture/oci-bundle.ts";
import { waitFor } from "../fixture/wait.ts";
import { newGroup, onUnified, start } from "./runtime-group.ts";

const disk = readdirSync("/sys/block").map((name) => readFileSync(`/sys/block/${name}/dev`, "utf8").trim())[0] ?? "";
const [major, minor] = disk.split(":").map(Number);

t.test("Control groups: each limit as the kernel has it", onUnified(), async (t) => {
  const group = newGroup(t);
  const box = openOciBox(t);
  start(t, box, group, "sleep 1000", ({ linux }) => {
    linux.resources = {
      memory: { limit: 67_108_864, reservation: 33_554_432, swap: 100_663_296 },
      cpu: { shares: 512, quota: 40_000, period: 50_000, burst: 10_000, cpus: "0", mems: "0" },
      pids: { limit: 77 },
      blockIO: {
        weight: 500,
        throttleReadBpsDevice: [{ major, minor, rate: 1_048_576 }],
        throttleWriteIOPSDevice: [{ major, minor, rate: 20 }],
      },
      hugepageLimits: [{ pageSize: "2MB", limit: 4_194_304 }],
      unified: { "memory.high": "50331648", "cgroup.max.depth": "3" },
    };
  });
  const expected = {
    "memory.max": "67108864",
    "memory.low": "33554432",
    "memory.swap.max": "33554432",
    "cpu.weight": "59",
    "cpu.max": "40000 50000",
    "cpu.max.burst": "10000",
    "cpuset.cpus": "0",
    "cpuset.mems": "0",
    "pids.max": "77",
    "io.weight": "default 4950",
    "io.max": `${disk} rbps=1048576 wbps=max riops=max wiops=20`,
    "hugetlb.2MB.max": "4194304",
    "hugetlb.2MB.rsvd.max": "4194304",
    "memory.high": "50331648",
    "cgroup.max.depth": "3",
  };
  t.same(Object.fromEntries(Object.keys(expected).map((file) => [file, group.read(file)])), expected);
  t.equal(box.oci(["delete", "--force", "box"]).status, 0);
  t.notOk(existsSync(group.directory));
});

t.test("update: each limit anew, halves of a file kept, idle and back", onUnified(), async (t) => {
  const group = newGroup(t);
  const box = openOciBox(t);
  start(t, box, group, "sleep 1000", ({ linux }) => {
    linux.resources = { memory: { limit: 67_108_864 }, cpu: { quota: 40_000, burst: 20_000 } };
  });
  const update = (...args: string[]) => t.match(box.oci(["update", ...args, "box"]), { status: 0, stderr: "" }, args.join(" "));
  update("--memory-swap", "96m");
  t.equal(group.read("memory.swap.max"), "33554432", "what is above the memory limit that is set");
  update("--memory", "-1");
  t.same([group.read("memory.max"), group.read("memory.swap.max")], ["max", "max"]);
  update("--cpu-quota", "10000", "--cpu-burst", "5000", "--cpu-period", "20000");
  t.same([group.read("cpu.max"), group.read("cpu.max.burst")], ["10000 20000", "5000"]);
  update("--cpu-quota", "-1");
  t.equal(group.read("cpu.max"), "max 20000");
  update("--cpu-idle", "1", "--cpu-share", "512");
  t.equal(group.read("cpu.idle"), "1");
  update("--cpu-idle", "0", "--cpu-share", "512");
  t.same([group.read("cpu.idle"), group.read("cpu.weight")], ["0", "59"]);
  update("--blkio-weight", "10", "--pids-limit", "9", "--cpuset-cpus", "0", "--memory-reservation", "1m");
  t.same(["io.weight", "pids.max", "cpuset.cpus", "memory.low"].map(group.read), ["default 1", "9", "0", "1048576"]);
  const document = { unified: { "memory.high": "1073741824" }, hugepageLimits: [{ pageSize: "2MB", limit: 0 }] };
  t.match(box.oci(["update", "-r", "-", "box"], { input: JSON.stringify(document) }), { status: 0, stderr: "" });
  t.same(["memory.high", "hugetlb.2MB.rsvd.max"].map(group.read), ["1073741824", "0"]);
  const small = { memory: { limit: 4096, checkBeforeUpdate: true } };
  t.match(box.oci(["update", "-r", "-", "box"], { input: JSON.stringify(small) }), {
    status: 1,
    stderr: /memory limit 4096 is below the \d+ bytes/,
  });
  t.equal(group.read("memory.max"), "max");
});

t.test("events --stats: the figures of the files", onUnified(), async (t) => {
  const group = newGroup(t);
  const box = openOciBox(t);
  start(t, box, group, "dd if=/dev/zero of=/dev/null bs=1M count=64; exec sleep 1000", ({ linux }) => {
    linux.resources = { memory: { limit: 33_554_432 }, pids: { limit: 50 }, cpu: { quota: 50_000 } };
  });
  await waitFor("CPU time to be counted", () => /^nr_periods [1-9]/m.test(group.read("cpu.stat")));
  t.equal(box.oci(["pause", "box"]).status, 0, "it uses nothing more between two looks");
  const { type, id, data } = JSON.parse(box.oci(["events", "--stats", "box"]).stdout);
  t.same([type, id], ["stats", "box"]);
  t.equal(data.memory.usage.limit, 33_554_432);
  t.equal(data.memory.usage.max, Number(group.read("memory.peak")));
  t.match(data.pids, { current: Number(group.read("pids.current")), limit: 50 });
  const used = Number(/usage_usec (\d+)/.exec(group.read("cpu.stat"))?.[1]) * 1000;
  t.ok(data.cpu.usage.total > 0 && data.cpu.usage.total <= used, `${data.cpu.usage.total} of ${used} ns`);
  t.ok(data.cpu.throttling.periods > 0);
  t.ok(data.hugetlb["2MB"], "each size of huge pages");
});

t.test("a group above that has processes hands nothing down", onUnified(), async (t) => {
  const group = newGroup(t);
  const box = openOciBox(t);
  const above = group.directory.replace(/\/box$/, "");
  mkdirSync(above);
  const busy = spawn("sleep", ["1000"]);
  t.teardown(() => busy.kill());
  writeFileSync(`${above}/cgroup.procs`, `${busy.pid}`);
  const bundle = (resources: Document) =>
    box.bundle("exit 0", (config) => {
      config.linux.cgroupsPath = group.path;
      config.linux.resources = resources;
    });
  t.match(box.oci(["run", "--bundle", bundle({ pids: { limit: 5 } }), "box"]), {
    status: 1,
    stderr: /pids\.max needs the cgroup controller pids, which group \/tsns-test-runtime-\S+ does not hand down/,
  });
  t.match(box.oci(["run", "--bundle", bundle({}), "box"]), { status: 0, stderr: "" }, "what is only counted is done without");
  busy.kill();
  await waitFor("it to leave", () => readFileSync(`${above}/cgroup.procs`, "utf8") === "");
});
