// Groups of the OCI runtime on cgroup v2 alone: what the kernel holds of each limit, and what it lets be done by the group's files.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { modeOf } from "../../src/cgroup/hierarchy.ts";
import { readHierarchies } from "../../src/kernel/cgroup/observe.ts";
import { countDeviceFilters } from "../fixture/device-filter.ts";
import { type Document, type OciBox, ociProgram, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

const skip = needRoot.skip || (modeOf(readHierarchies()) !== "v2" && "needs cgroup v2 alone");
const options = () => ({ skip, buffered: true });
const top = "/sys/fs/cgroup";
let made = 0;

interface Group {
  readonly path: string;
  readonly directory: string;
  read(file: string): string;
}

/** A path of the test's own for linux.cgroupsPath; what is left of it at the end fails the test. */
function newGroup(t: Test): Group {
  const above = `/tsns-test-runtime-${process.pid}-${made++}`;
  const path = `${above}/box`;
  t.teardown(() => rmdirSync(`${top}${above}`));
  const directory = `${top}${path}`;
  return { path, directory, read: (file) => readFileSync(`${directory}/${file}`, "utf8").trim() };
}

/** Made after the group, so that the container goes before it. */
function start(t: Test, box: OciBox, { path }: Group, script: string, change: (config: Document) => void = () => {}): void {
  const bundle = box.bundle(script, (config) => {
    config.linux.cgroupsPath = path;
    change(config);
  });
  const { status, stderr } = box.oci(["run", "--detach", "--bundle", bundle, "box"]);
  t.equal(status, 0, stderr);
}

const disk = readdirSync("/sys/block").map((name) => readFileSync(`/sys/block/${name}/dev`, "utf8").trim())[0] ?? "";
const [major, minor] = disk.split(":").map(Number);

t.test("Control groups: each limit as the kernel has it", options(), async (t) => {
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

t.test("update: each limit anew, halves of a file kept, idle and back", options(), async (t) => {
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

t.test("devices: rules in their order, other ones by update, one program", options(), async (t) => {
  const group = newGroup(t);
  const box = openOciBox(t);
  const all = { allow: false, access: "rwm" };
  // /dev/loop-control: anybody may open it, and no container has it by itself
  const control = (allow: boolean, access: string) => ({ allow, type: "c", major: 10, minor: 237, access });
  start(t, box, group, "sleep 1000", ({ linux }) => {
    linux.devices = [{ path: "/dev/control", type: "c", major: 10, minor: 237, fileMode: 0o666 }];
    linux.resources = { devices: [all, control(true, "r"), control(true, "w"), control(false, "w")] };
  });
  const may = (mode: string) => box.oci(["exec", "box", "sh", "-c", `exec 3${mode}/dev/control && echo y >/dev/null`]).status === 0;
  const update = (devices: readonly object[]) =>
    t.match(box.oci(["update", "-r", "-", "box"], { input: JSON.stringify({ devices }) }), { status: 0, stderr: "" });
  const access = () => ({ read: may("<"), write: may(">"), both: may("<>"), programs: countDeviceFilters(group.directory) });
  t.same(access(), { read: true, write: false, both: false, programs: 1 });
  update([all, control(true, "r"), control(true, "w")]);
  t.same(access(), { read: true, write: true, both: true, programs: 1 }, "two rules together");
  update([all]);
  t.same(access(), { read: false, write: false, both: false, programs: 1 });
  update([all, control(true, "r"), control(true, "w"), control(false, "w")]);
  t.same(access(), { read: true, write: false, both: false, programs: 1 }, "as it was created");
});

t.test("pause, resume, kill: by the group's files, with all below it", options(), async (t) => {
  const group = newGroup(t);
  const box = openOciBox(t);
  start(t, box, group, "sleep 1000 & exec sleep 1001");
  const below = `${group.directory}/below`;
  mkdirSync(below);
  t.equal(box.oci(["exec", "--detach", "--cgroup", "below", "box", "sleep", "1002"]).status, 0);
  await waitFor("two processes in the group", () => group.read("pids.current") === "3");
  t.equal(readFileSync(`${below}/cgroup.procs`, "utf8").trim().split("\n").length, 1);
  t.equal(JSON.parse(box.oci(["ps", "--format", "json", "box"]).stdout).length, 3);
  t.equal(box.oci(["pause", "box"]).status, 0);
  t.match(group.read("cgroup.events"), /^frozen 1$/m, "they stand still when it returns");
  t.equal(box.state("box").status, "paused");
  t.equal(box.oci(["resume", "box"]).status, 0);
  t.match(group.read("cgroup.events"), /^frozen 0$/m);
  t.equal(box.oci(["pause", "box"]).status, 0);
  t.equal(box.oci(["kill", "--all", "box", "KILL"]).status, 0, "a frozen one too");
  await waitFor("all to end", () => /^populated 0$/m.test(group.read("cgroup.events")));
  t.equal(box.state("box").status, "stopped");
  t.equal(box.oci(["delete", "box"]).status, 0);
  t.notOk(existsSync(group.directory));
});

t.test("exec into a system that hands controllers down below its own group", options(), async (t) => {
  const group = newGroup(t);
  const box = openOciBox(t);
  const script = "cd /sys/fs/cgroup && mkdir init && echo 1 > init/cgroup.procs && echo +pids > cgroup.subtree_control && exec sleep 1000";
  start(t, box, group, script, (config) => {
    config.mounts = config.mounts.filter(({ destination }: Document) => destination !== "/sys/fs/cgroup");
    config.mounts.push({ destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["nosuid", "noexec", "nodev"] });
    config.linux.namespaces.push(...(config.linux.namespaces.some(({ type }: Document) => type === "cgroup") ? [] : [{ type: "cgroup" }]));
  });
  await waitFor("controllers to be handed down", () => group.read("cgroup.subtree_control") === "pids");
  t.match(
    box.oci(["exec", "box", "cat", "/proc/self/cgroup"]),
    { status: 0, stdout: "0::/init\n", stderr: "" },
    "beside the first process",
  );
});

t.test("events --stats: the figures of the files", options(), async (t) => {
  const group = newGroup(t);
  const box = openOciBox(t);
  start(t, box, group, "dd if=/dev/zero of=/dev/null bs=1M count=64; exec sleep 1000", ({ linux }) => {
    linux.resources = { memory: { limit: 33_554_432 }, pids: { limit: 50 }, cpu: { quota: 50_000 } };
  });
  await waitFor("CPU time to be counted", () => /^nr_periods [1-9]/m.test(group.read("cpu.stat")));
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

t.test("events: an end for want of memory", options(), async (t) => {
  const group = newGroup(t);
  const box = openOciBox(t);
  const bundle = box.bundle("tail /dev/zero; exec sleep 1000", (config) => {
    config.linux.cgroupsPath = group.path;
    config.linux.resources = { memory: { limit: 33_554_432, swap: 33_554_432 } };
  });
  t.equal(box.oci(["create", "--bundle", bundle, "box"]).status, 0);
  const events = spawn(ociProgram, ["--root", box.root, "events", "--interval", "1h", "box"], { stdio: ["ignore", "pipe", "inherit"] });
  const told = linesOf(events);
  await waitFor("the first figures", () => told().length > 0);
  t.equal(box.oci(["start", "box"]).status, 0);
  await waitFor("the end to be told", () => told().some((line) => JSON.parse(line).type === "oom"));
  t.match(group.read("memory.events"), /^oom_kill 1$/m);
  events.kill();
});

function linesOf({ stdout }: ChildProcess): () => readonly string[] {
  let text = "";
  stdout?.on("data", (chunk: Buffer) => (text += chunk));
  return () => text.split("\n").slice(0, -1);
}

t.test("a group above that has processes hands nothing down", options(), async (t) => {
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

/** nobody and nogroup, of every Debian. */
const user = 65_534;

t.test("rootless: in a group that was delegated, and without one", options(), async (t) => {
  const group = newGroup(t);
  const box = openOciBox(t);
  const above = group.directory.replace(/\/box$/, "");
  const session = `${above}/session`;
  mkdirSync(session, { recursive: true });
  t.teardown(() => rmdirSync(session));
  for (const controller of ["memory", "pids"]) {
    writeFileSync(`${top}/cgroup.subtree_control`, `+${controller}`);
    writeFileSync(`${above}/cgroup.subtree_control`, `+${controller}`);
  }
  const own = [above, session, ...[above, session].flatMap((one) => ["procs", "subtree_control"].map((file) => `${one}/cgroup.${file}`))];
  spawnSync("chown", [`${user}:${user}`, ...own]);
  const bundle = box.bundle("exec sleep 1000", (config) => {
    const mapping = [{ containerID: 0, hostID: user, size: 1 }];
    Object.assign(config.linux, { uidMappings: mapping, gidMappings: mapping, resources: { pids: { limit: 21 } } });
    config.linux.namespaces = ["user", "mount", "pid", "ipc", "uts", "cgroup"].map((type) => ({ type }));
    config.mounts = config.mounts.filter(({ destination }: Document) => ["/proc", "/dev", "/sys/fs/cgroup"].includes(destination));
  });
  const directory = bundle.replace(/\/[^/]*$/, "");
  spawnSync("chown", ["-R", `${user}:${user}`, directory]);
  let calls = 0;
  const oci = (args: readonly string[], joins = session) => {
    const files = ["out", "err"].map((name) => `${directory}/user-${name}${calls}`);
    calls++;
    const descriptors = files.map((file) => openSync(file, "w"));
    const words = [
      "setpriv",
      "--reuid",
      `${user}`,
      "--regid",
      `${user}`,
      "--clear-groups",
      ociProgram,
      "--root",
      `${directory}/own`,
      ...args,
    ];
    const { status } = spawnSync("sh", ["-c", 'echo $$ >"$0"/cgroup.procs && exec "$@"', joins, ...words], {
      stdio: ["ignore", ...descriptors],
      timeout: 60_000,
    });
    for (const descriptor of descriptors) closeSync(descriptor);
    const [stdout = "", stderr = ""] = files.map((file) => readFileSync(file, "utf8"));
    return { status, stdout, stderr };
  };
  t.match(oci(["run", "--detach", "--bundle", bundle, "mine"]), { status: 0, stderr: "" });
  t.equal(readFileSync(`${above}/oci-mine/pids.max`, "utf8"), "21\n", "beside the group the user is in");
  t.match(oci(["pause", "mine"]), { status: 0, stderr: "" });
  t.match(readFileSync(`${above}/oci-mine/cgroup.events`, "utf8"), /^frozen 1$/m);
  t.match(oci(["resume", "mine"]), { status: 0, stderr: "" });
  t.match(oci(["update", "--memory", "64m", "mine"]), { status: 0, stderr: "" });
  t.equal(readFileSync(`${above}/oci-mine/memory.max`, "utf8"), "67108864\n");
  t.match(oci(["exec", "mine", "true"]), { status: 0, stderr: "" });
  t.match(oci(["delete", "--force", "mine"]), { status: 0, stderr: "" });
  t.notOk(existsSync(`${above}/oci-mine`));
  const elsewhere = `${above}-elsewhere`;
  mkdirSync(elsewhere);
  t.teardown(() => rmdirSync(elsewhere));
  t.match(oci(["run", "--bundle", bundle, "mine"], elsewhere), {
    status: 1,
    stderr: /pids\.max cannot be kept: this user may not make the group/,
  });
});
