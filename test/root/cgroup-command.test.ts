// `tsns cgroup` on the layout this host has, or a VM's (test/vm/run.ts): every verb against the kernel's own files. Groups have names
// of their own and are removed with all in them.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import t, { type Test } from "tap";
import { choosePlaces } from "../../src/cgroup/group-state.ts";
import { directoryOf, hierarchyOf, modeOf } from "../../src/cgroup/hierarchy.ts";
import { findIn, readHierarchies, walkGroups } from "../../src/kernel/cgroup/observe.ts";
import { runMain } from "../cmds/host.ts";
import { countDeviceFilters } from "../fixture/device-filter.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

const hierarchies = needRoot.skip ? [] : readHierarchies();
const mode = needRoot.skip ? "v2" : modeOf(hierarchies);
const places = choosePlaces(hierarchies);
t.setTimeout(180_000); // a VM without hardware help is slow
const root = mkdtempSync(`${tmpdir()}/tsns-cgroup-`);
t.teardown(() => rmSync(root, { recursive: true }));

const tsns = (...words: string[]) => runMain(["--root", root, "cgroup", ...words]);

const used: string[] = [];

/** A group's name; whatever is there at the end is ended and removed. */
function group(t: Test): string {
  const path = `/tsns-test-${randomBytes(5).toString("hex")}`;
  used.push(path);
  t.teardown(async () => {
    if (findIn(hierarchies, path).length > 0) await tsns("rm", "-rf", path);
  });
  return path;
}

async function child(t: Test, script = "exec sleep 1000", input: "ignore" | "pipe" = "ignore"): Promise<ChildProcess & { pid: number }> {
  const started = spawn("/bin/sh", ["-c", script], { stdio: [input, "pipe", "ignore"] });
  await once(started, "spawn");
  t.teardown(() => started.kill("SIGKILL"));
  return started as ChildProcess & { pid: number };
}

const stateOf = (pid: number) => /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
const fileOf = (path: string, controller: string, v1: string, v2: string) => {
  const hierarchy = hierarchyOf(hierarchies, controller);
  return hierarchy ? readFileSync(`${directoryOf(hierarchy, path)}/${hierarchy.version === "v1" ? v1 : v2}`, "utf8").trim() : undefined;
};

const limits = ["--memory", "64m", "--cpus", "0.5", "--cpu-shares", "512", "--pids-limit", "30", "--cpuset-cpus", "0"];

t.test("created with its limits, in every hierarchy, and found again", needRoot, async (t) => {
  const path = group(t);
  t.match(await tsns("create", `${path}/a/b`, ...limits, "--devices", "c 1:3 rwm,c 1:5 r"), { code: 0, stderr: "" });
  t.strictSame(
    findIn(hierarchies, `${path}/a/b`).map(({ mountPoint }) => mountPoint),
    places.map(({ mountPoint }) => mountPoint),
  );
  t.equal(fileOf(`${path}/a/b`, "memory", "memory.limit_in_bytes", "memory.max"), `${64 * 1024 ** 2}`);
  t.equal(fileOf(`${path}/a/b`, "cpu", "cpu.shares", "cpu.weight"), mode === "v2" ? "59" : "512");
  t.equal(fileOf(`${path}/a/b`, "cpu", "cpu.cfs_quota_us", "cpu.max"), mode === "v2" ? "50000 100000" : "50000");
  t.equal(fileOf(`${path}/a/b`, "cpuset", "cpuset.cpus", "cpuset.cpus"), "0");
  t.equal(fileOf(`${path}/a/b`, "pids", "pids.max", "pids.max"), "30");
  if (mode === "v2") t.equal(countDeviceFilters(directoryOf(hierarchies[0] as never, `${path}/a/b`)), 1);
  else t.equal(fileOf(`${path}/a/b`, "devices", "devices.list", ""), "c 1:3 rwm\nc 1:5 r");
  const got = JSON.parse((await tsns("get", `${path}/a/b`, "--json")).stdout) as { key: string; value: string }[];
  const value = (key: string) => got.find((one) => one.key === key)?.value;
  t.strictSame(["memory", "cpu-shares", "cpus", "pids-limit", "cpuset-cpus"].map(value), [`${64 * 1024 ** 2}`, "512", "0.5", "30", "0"]);
  t.match(await tsns("create", `${path}/a/b`), { code: 1, stderr: /exists already/ });
  t.match((await tsns("tree", path)).stdout, /\n└─a +-.*\n {2}└─b/);
});

t.test("a group that exists in some hierarchies only is completed, or left as it was", needRoot, async (t) => {
  if (mode === "v2") return t.plan(0, "cgroup v2 has one hierarchy");
  const path = group(t);
  await tsns("create", path, "--controllers", "memory", "--memory", "64m");
  t.match(await tsns("create", path, "--memory", "32m", "--cpuset-cpus", "4095"), { code: 1 });
  t.strictSame(findIn(hierarchies, path), [hierarchyOf(hierarchies, "memory")]);
  t.equal(fileOf(path, "memory", "memory.limit_in_bytes", ""), `${64 * 1024 ** 2}`);
  t.match(await tsns("create", path, "--memory", "32m"), { code: 0, stderr: "" });
  t.strictSame(findIn(hierarchies, path), places);
  t.equal(fileOf(path, "memory", "memory.limit_in_bytes", ""), `${32 * 1024 ** 2}`);
});

t.test("limits are changed, taken off, and kept when one of them is refused", needRoot, async (t) => {
  const path = group(t);
  await tsns("create", path, ...limits);
  const memory = () => fileOf(path, "memory", "memory.limit_in_bytes", "memory.max");
  t.match(await tsns("set", path, "memory=32m", "cpus=max", "pids-limit=max"), { code: 0, stderr: "" });
  t.equal(memory(), `${32 * 1024 ** 2}`);
  t.equal(fileOf(path, "pids", "pids.max", "pids.max"), "max");
  t.match((await tsns("get", path, "cpus")).stdout, /^unlimited$/m);
  t.match(await tsns("set", path, "memory=48m", "cpuset-cpus=4095"), { code: 1, stderr: /cpuset\.cpus/ });
  t.equal(memory(), `${32 * 1024 ** 2}`, "undone");
  t.match(await tsns("set", path, "memory=8m", "no.such=1"), { code: 1 });
  t.equal(memory(), `${32 * 1024 ** 2}`, "not even begun");
  t.match(await tsns("create", `${path}/below`, "--cpuset-cpus", "4095", "--memory", "16m"), { code: 1 });
  t.strictSame(findIn(hierarchies, `${path}/below`), [], "a group whose limits are refused is not left");
});

t.test("a process joins, stands still, goes on and ends", needRoot, async (t) => {
  const path = group(t);
  const running = await child(t);
  await tsns("create", path);
  t.match(await tsns("add", path, `${running.pid}`), { code: 0, stderr: "" });
  for (const hierarchy of places) {
    t.match(readFileSync(`${directoryOf(hierarchy, path)}/cgroup.procs`, "utf8"), `${running.pid}\n`, hierarchy.mountPoint);
  }
  const shown = JSON.parse((await tsns("show", path, "--json")).stdout);
  t.match(shown, { path, frozen: false, processes: [{ pid: running.pid, command: "sleep 1000" }] });
  t.match(await tsns("freeze", path), { code: 0, stderr: "" });
  t.equal(JSON.parse((await tsns("show", path, "--json")).stdout).frozen, true);
  // v1 holds back every signal, v2 those that do not end the process.
  if (mode !== "v2") running.kill("SIGTERM");
  t.match(stateOf(running.pid), /^[DS]$/);
  t.match(await tsns("rm", path), { code: 1, stderr: new RegExp(`has processes: ${running.pid} `) });
  t.match(await tsns("thaw", path), { code: 0, stderr: "" });
  const ended = once(running, "exit");
  t.match(await tsns("kill", path, "--signal", "TERM"), { code: 0, stderr: "" });
  if (running.signalCode === null) await ended;
  t.equal(running.signalCode, "SIGTERM");
  t.match(await tsns("rm", path), { code: 0, stderr: "" });
});

t.test("a device filter holds, is replaced, and taken off", needRoot, async (t) => {
  const path = group(t);
  await tsns("create", path);
  // What a process of the group can open: null, zero, or both.
  const opened = async () => {
    const shell = spawn("/bin/sh", ["-c", "read go; for d in null zero; do (: < /dev/$d) 2>&- && echo $d; done; :"]);
    await tsns("add", path, `${shell.pid}`);
    shell.stdin.end("go\n");
    let text = "";
    for await (const chunk of shell.stdout) text += chunk;
    return text.trim().split("\n").join(" ");
  };
  t.match(await tsns("set", path, "--devices", "c 1:3 rwm"), { code: 0, stderr: "" });
  t.equal(await opened(), "null");
  t.match(await tsns("set", path, "--devices", "c 1:5 rwm"), { code: 0, stderr: "" });
  t.equal(await opened(), "zero", "replaced, not narrowed");
  t.match(await tsns("set", path, "devices=all"), { code: 0, stderr: "" });
  t.equal(await opened(), "null zero");
});

t.test("nobody escapes a kill by forking", needRoot, async (t) => {
  const path = group(t);
  await tsns("create", path, "--pids-limit", "60");
  // it forks once it is in the group: what it had made before would be outside, without a limit
  const script = '$SIG{TERM} = "IGNORE"; <STDIN>; while (1) { fork; select(undef, undef, undef, 0.02) }';
  const forker = await child(t, `exec perl -e '${script}'`, "pipe");
  await tsns("add", path, `${forker.pid}`);
  forker.stdout?.resume();
  forker.stdin?.end("go\n");
  await waitFor("it to fork", () => readFileSync(`${directoryOf(places[0] as never, path)}/cgroup.procs`, "utf8").split("\n").length > 10);
  t.match(await tsns("kill", path), { code: 0, stderr: "" });
  for (const hierarchy of places) t.equal(readFileSync(`${directoryOf(hierarchy, path)}/cgroup.procs`, "utf8"), "");
});

t.test("removal with what is below, ended first when asked to", needRoot, async (t) => {
  const path = group(t);
  await tsns("create", `${path}/a/b`);
  const running = await child(t);
  await tsns("add", `${path}/a/b`, `${running.pid}`);
  t.match(await tsns("rm", path), { code: 1, stderr: /has 2 below it/ });
  t.match(await tsns("rm", "-r", path), { code: 1, stderr: /has processes/ });
  t.equal(findIn(hierarchies, `${path}/a/b`).length, places.length, "all or nothing");
  t.match(await tsns("rm", "-rf", path), { code: 0, stderr: "" });
  t.strictSame([...walkGroups(hierarchies, path)], []);
});

t.test("the shell script of a plan does what the plan does", needRoot, async (t) => {
  const [planned, scripted] = [group(t), group(t)];
  const snapshot = (path: string) =>
    [...walkGroups(hierarchies, path)].map(([name, present]) => [name.replace(path, ""), present.map(({ mountPoint }) => mountPoint)]);
  const values = async (path: string) => JSON.parse((await tsns("get", path, "--json")).stdout);
  // What --dry-run --explain=sh prints for one group, run by sh.
  const run = async (...words: string[]) => {
    const { stdout } = await tsns(...words, "--dry-run", "--explain=sh");
    const env = { ...process.env, PATH: `${process.cwd()}/dist:${process.env.PATH}` };
    const result = spawnSync("/bin/sh", ["-c", stdout], { encoding: "utf8", env });
    t.equal(`${result.stderr}${result.status}`, "0", stdout);
  };
  const [first, second] = [await child(t), await child(t)];
  await tsns("create", `${planned}/x`, ...limits, "--devices", "default");
  await run("create", `${scripted}/x`, ...limits, "--devices", "default");
  t.strictSame(snapshot(scripted), snapshot(planned));
  await tsns("set", `${planned}/x`, "memory=40m", "cpu-shares=2048", "cpus=max");
  await run("set", `${scripted}/x`, "memory=40m", "cpu-shares=2048", "cpus=max");
  t.strictSame(await values(`${scripted}/x`), await values(`${planned}/x`));
  await tsns("add", `${planned}/x`, `${first.pid}`);
  await run("add", `${scripted}/x`, `${second.pid}`);
  const membership = (pid: number, path: string) => readFileSync(`/proc/${pid}/cgroup`, "utf8").replaceAll(path, "");
  t.equal(membership(second.pid, scripted), membership(first.pid, planned));
  await run("freeze", `${scripted}/x`);
  t.equal(JSON.parse((await tsns("show", `${scripted}/x`, "--json")).stdout).frozen, true);
  await run("thaw", `${scripted}/x`);
  t.equal(JSON.parse((await tsns("show", `${scripted}/x`, "--json")).stdout).frozen, false);
  const ended = once(second, "exit");
  await run("kill", `${scripted}/x`);
  await ended;
  t.equal(second.signalCode, "SIGKILL");
  await run("rm", "-r", scripted);
  t.strictSame(snapshot(scripted), []);
});

t.test("what is wrong is said in one line and changes nothing", needRoot, async (t) => {
  const path = group(t);
  await tsns("create", path);
  const cases: [string[], number, RegExp][] = [
    [["show", "/tsns-none"], 1, /^tsns: no cgroup \/tsns-none \(.*\)\n$/],
    [["show", "no-such-container"], 1, /no running container no-such-container/],
    [["add", path, "4194303"], 1, /^tsns: no process 4194303 \(.*\)\n$/],
    [["add", path, "x"], 2, /invalid process id "x"/],
    [["set", path], 2, /nothing to set/],
    [["set", path, "memroy=1g"], 2, /unknown key "memroy" \(did you mean memory\?\)/],
    [["set", path, "cgroup.procs=1"], 2, /cgroup\.procs is not a limit \(use tsns cgroup add\)/],
    [["set", path, "freezer.state=FROZEN"], 2, /freezer\.state is not a limit \(use tsns cgroup freeze or thaw\)/],
    [["set", path, "cpuset-cpus=4000"], 1, /no such CPU or memory node/],
    [["tree", "-d", "-1"], 2, /invalid --depth -1/],
    [["ls", "-d", "-1"], 2, /invalid --depth -1/],
    [["top", "--once", "-d", "-1"], 2, /invalid --depth -1/],
    [["set", path, "pids=lots"], 2, /invalid pids-limit "lots"/],
    [["set", path, "memory=lots"], 2, /invalid memory "lots"/],
    [["set", path, "--device-read-bps", "/dev/null:1m"], 1, /not a block device/],
    [["set", path, "--device-read-bps", "1m"], 2, /DEVICE:RATE/],
    [["set", "/", "memory=1g"], 1, /will not set limits of the root/],
    [["kill", "/"], 1, /will not kill the root/],
    [["create", `${path}/../x`], 1, /invalid cgroup path/],
    [["create", `${path}/x`, "--controllers", "nonsense"], 1, /no cgroup controller nonsense/],
    [["kill", path, "-s", "NOPE"], 2, /NOPE/],
    [["top", "--interval", "0"], 2, /invalid --interval/],
    [["get", path, "nonsense"], 1, /has no value nonsense/],
  ];
  for (const [words, code, stderr] of cases) t.match(await tsns(...words), { code, stdout: "", stderr }, words.join(" "));
  t.strictSame([...walkGroups(hierarchies, path).keys()], [path]);
});

t.test("a container of another engine is left alone without --force", needRoot, async (t) => {
  const path = group(t);
  const container = `${path}/docker-${"ab12".repeat(16)}.scope`;
  t.match(await tsns("create", container), { code: 1, stderr: /will not create .*: it belongs to docker:ab12/ });
  t.strictSame(findIn(hierarchies, path), []);
  t.match(await tsns("create", "--force", container), { code: 0, stderr: "" });
  const running = await child(t);
  t.match(await tsns("add", container, `${running.pid}`), { code: 1, stderr: /will not add processes to/ });
  t.match(await tsns("add", "--force", container, `${running.pid}`), { code: 0, stderr: "" });
  for (const words of [
    ["freeze", path],
    ["set", container, "memory=32m"],
    ["kill", path],
    ["rm", "-r", path],
  ]) {
    t.match(await tsns(...words), { code: 1, stderr: /^tsns: will not .*: docker:ab12ab12ab12 is running in it \(docker keeps .*\)\n$/ });
  }
  t.match(await tsns("add", path, `${running.pid}`), { code: 1, stderr: /will not move process/ });
  t.equal(running.exitCode ?? running.signalCode, null);
  t.match((await tsns("tree", path)).stdout, /docker:ab12ab12ab12/);
  t.match(await tsns("set", "--force", container, "memory=32m"), { code: 0, stderr: "" });
  t.match(await tsns("rm", "-rf", path), { code: 0, stderr: "" });
});

t.test("tsns ends neither itself nor process 1", needRoot, async (t) => {
  const path = group(t);
  await tsns("create", path, "--controllers", mode === "v2" ? "" : "freezer");
  await tsns("add", path, `${process.pid}`);
  t.teardown(() => {
    for (const hierarchy of findIn(hierarchies, path))
      spawnSync("/bin/sh", ["-c", `echo ${process.pid} > ${hierarchy.mountPoint}/cgroup.procs`]);
  });
  t.match(await tsns("kill", path), { code: 1, stderr: /tsns itself is in it/ });
  t.match(await tsns("freeze", path), { code: 1, stderr: /tsns itself is in it/ });
  t.match(await tsns("rm", "-rf", path), { code: 1, stderr: /tsns itself is in it/ });
  for (const hierarchy of findIn(hierarchies, path))
    spawnSync("/bin/sh", ["-c", `echo ${process.pid} > ${hierarchy.mountPoint}/cgroup.procs`]);
});

t.test("top measures what runs", needRoot, async (t) => {
  const path = group(t);
  await tsns("create", path);
  const busy = await child(t, "while :; do :; done");
  await tsns("add", path, `${busy.pid}`);
  const measure = async () => JSON.parse((await tsns("top", "--once", "--interval", "0.3", "--json", path)).stdout);
  t.match(await measure(), [{ path, tasks: 1 }]);
  await waitFor("what it uses", async () => (await measure())[0].cpuPercent > 1);
  t.match((await tsns("ls", path, "--format", "{{.Path}} {{.Processes}} {{.PIDsLimit}}")).stdout, `${path} 1 unlimited\n`);
});

t.test("a group that vanishes while groups are listed is no error", needRoot, async (t) => {
  const path = group(t);
  for (let i = 0; i < 20; i++) await tsns("create", `${path}/${i}`);
  const paths = JSON.stringify(places.map((hierarchy) => directoryOf(hierarchy, path)));
  const script = `const fs=require("fs");for(let r=0;r<200;r++)for(const d of ${paths})for(let i=0;i<20;i++){try{fs.rmdirSync(d+"/"+i)}catch{}try{fs.mkdirSync(d+"/"+i)}catch{}}`;
  const churn = spawn(process.execPath, ["-e", script], { stdio: "ignore" });
  const ended = once(churn, "exit");
  for (let i = 0; i < 8; i++) {
    t.match(await tsns("ls", path), { code: 0, stderr: "" });
    t.match(await tsns("tree", path), { code: 0, stderr: "" });
  }
  churn.kill("SIGKILL");
  await ended;
  t.ok(existsSync(directoryOf(places[0] as never, path)));
});

t.test("nothing is left", needRoot, async (t) => {
  t.strictSame(
    used.flatMap((path) => findIn(hierarchies, path).map(({ mountPoint }) => `${mountPoint}${path}`)),
    [],
  );
});
