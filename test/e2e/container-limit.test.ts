// Resource limits as the kernel enforces them, measured.
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { image, inside, pidOf, sharingRoot } from "../fixture/busybox-scenario.ts";
import { waitFor } from "../fixture/wait.ts";

const scenario = sharingRoot();
const spin = "while true; do :; done";

/** First of the files that is there, in the container: its cgroup has the v1 name or the v2 name. */
const read = (...files: string[]) => `cat ${files.map((file) => `/sys/fs/cgroup/${file}`).join(" ")} 2>/dev/null | head -n 1`;

/** Directory of a controller's cgroup of a process, on this host (cgroups(7)). */
function cgroupOf(pid: number, controller: string): string {
  const lines = readFileSync(`/proc/${pid}/cgroup`, "utf8").split("\n");
  const legacy = lines.map((line) => line.split(":")).find(([, names = ""]) => names.split(",").includes(controller));
  if (legacy) return `/sys/fs/cgroup/${legacy[1]}${legacy[2]}`;
  return `/sys/fs/cgroup${lines.find((line) => line.startsWith("0::"))?.slice(3)}`;
}

function usedSeconds(pid: number): number {
  const directory = cgroupOf(pid, "cpuacct");
  try {
    return Number(readFileSync(`${directory}/cpuacct.usage`, "utf8")) / 1e9;
  } catch {
    return Number(readFileSync(`${directory}/cpu.stat`, "utf8").match(/usage_usec (\d+)/)?.[1]) / 1e6;
  }
}

scenario("memory: the limit kills, and inspect says so", async (t, root) => {
  const outcome = await root.tsns(["run", "--name", "oom", "--network", "none", "--memory", "16m", image, "tail", "/dev/zero"]);
  t.match(outcome, { code: 137, stderr: "" });
  t.equal(await root.ok(["inspect", "--format", "{{.State.OOMKilled}} {{.State.ExitCode}} {{.State.Status}}", "oom"]), "true 137 exited");
  t.match(await root.ok(["ps", "-a", "--filter", "name=oom"]), /Exited \(137\)/);
  await root.ok(["rm", "oom"]);
  await root.tsns(["run", "--name", "killed", "--network", "none", "--memory", "16m", image, "sh", "-c", "kill -9 $$; exit 9"]);
  t.equal(await root.ok(["inspect", "--format", "{{.State.OOMKilled}}", "killed"]), "false", "another end is none");
  await root.ok(["rm", "killed"]);
});

scenario("memory: a child is killed, the container goes on", async (t, root) => {
  const script = "tail /dev/zero; echo $?; exit 5";
  const outcome = await root.tsns(["run", "--name", "child", "--network", "none", "--memory", "16m", image, "sh", "-c", script]);
  t.match(outcome, { code: 5, stdout: "137\n" });
  await root.ok(["rm", "child"]);
});

scenario("memory: the limit holds and is seen inside; swap, reservation", async (t, root) => {
  const limit = read("memory/memory.limit_in_bytes", "memory.max");
  t.equal(await inside(root, limit, ["--memory", "64m"]), `${64 * 1024 ** 2}`);
  t.equal(
    await inside(root, read("memory/memory.soft_limit_in_bytes", "memory.low"), ["--memory-reservation", "32m"]),
    `${32 * 1024 ** 2}`,
  );
  t.equal(
    await inside(root, "head -c 8000000 /dev/zero | tail -c 8000000 | wc -c", ["--memory", "64m"]),
    "8000000",
    "below it all is well",
  );
});

scenario("cpu quota: never more than its share of the time, and throttled", async (t, root) => {
  t.match(await inside(root, read("cpu/cpu.cfs_quota_us", "cpu.max"), ["--cpus", "0.25"]), /^25000\b/);
  t.match(await inside(root, read("cpu/cpu.cfs_quota_us", "cpu.max"), ["--cpu-quota", "30000", "--cpu-period", "60000"]), /^30000\b/);
  const started = process.hrtime.bigint();
  await root.ok(["run", "-d", "--name", "quota", "--network", "none", "--cpus", "0.05", image, "sh", "-c", spin]);
  const pid = await pidOf(root, "quota");
  const throttled = () => Number(readFileSync(`${cgroupOf(pid, "cpu")}/cpu.stat`, "utf8").match(/nr_throttled (\d+)/)?.[1]);
  // So little that it is used up where many others want the processors, if not in every period.
  await waitFor("0.2 s of cpu time", () => usedSeconds(pid) > 0.2 && throttled() >= 5, 60_000);
  const used = usedSeconds(pid);
  const elapsed = Number(process.hrtime.bigint() - started) / 1e9;
  // one period's quota may lie before the measured time, and slices that cpus have taken are given back late
  t.ok(used <= elapsed * 0.05 + 0.06, `${used} s used in ${elapsed} s`);
  t.ok(throttled() >= 5, `throttled ${throttled()} times`);
  await root.ok(["rm", "-f", "quota"]);
});

scenario("cpu shares: two that want the same cpu get it in proportion", async (t, root) => {
  const cpu = `${availableParallelism() - 1}`;
  const pids: number[] = [];
  for (const shares of ["256", "1024"]) {
    const name = `shares-${shares}`;
    await root.ok([
      "run",
      "-d",
      "--name",
      name,
      "--network",
      "none",
      "--cpuset-cpus",
      cpu,
      "--cpu-shares",
      shares,
      image,
      "sh",
      "-c",
      spin,
    ]);
    pids.push(await pidOf(root, name));
  }
  /** Both of one moment. */
  const now = () =>
    waitFor("both in one look", () => {
      const began = performance.now();
      const both = pids.map(usedSeconds);
      return performance.now() - began < 20 && both;
    });
  const before = await now();
  const gained = async () => (await now()).map((seconds, at) => seconds - (before[at] ?? 0));
  const [small = 0, large = 0] = await waitFor(
    "1.5 s of cpu time",
    async () => {
      const both = await gained();
      return both.reduce((sum, seconds) => sum + seconds, 0) > 1.5 && both;
    },
    60_000,
  );
  const ratio = large / small;
  t.ok(ratio > 2.5 && ratio < 6.5, `ratio ${ratio} of 4`);
  await root.ok(["rm", "-f", "shares-256", "shares-1024"]);
});

scenario("cpuset: the process may run on those cpus only", async (t, root) => {
  const allowed = "grep Cpus_allowed_list /proc/self/status | cut -f 2";
  for (let cpu = 0; cpu < Math.min(availableParallelism(), 2); cpu++)
    t.equal(await inside(root, allowed, ["--cpuset-cpus", `${cpu}`]), `${cpu}`);
  t.equal(await inside(root, `nproc`, ["--cpuset-cpus", "0"]), "1");
  const beyond = await root.tsns(["run", "--rm", "--cpuset-cpus", "0,4000", image, "true"]);
  t.match(beyond, { code: 125, stderr: /^tsns: .*4000.*\n$/ });
});

scenario("pids: a fork beyond the limit fails, and the limit counts exec too", async (t, root) => {
  const script = "for i in 1 2 3 4 5 6 7 8 9; do sleep 100 & done; echo made all";
  const outcome = await root.tsns(["run", "--rm", "--network", "none", "--pids-limit", "5", image, "sh", "-c", script]);
  t.match(outcome, { code: 2, stdout: "", stderr: /can't fork: Resource temporarily unavailable/ });
  t.equal(await inside(root, read("pids/pids.max", "pids.max"), ["--pids-limit", "77"]), "77");
  t.equal(await inside(root, script, ["--pids-limit", "-1"]), "made all");
  await root.ok(["run", "-d", "--name", "pids", "--network", "none", "--pids-limit", "3", image, "sleep", "1000"]);
  const entered = await root.tsns(["exec", "pids", "sh", "-c", script]);
  t.match(entered, { code: 2, stderr: /can't fork/ });
  await root.ok(["rm", "-f", "pids"]);
});

scenario("limits hold for exec, and are gone with the container", async (t, root) => {
  const id = await root.ok(["run", "-d", "--memory", "16m", "--network", "none", image, "sleep", "1000"]);
  t.equal((await root.tsns(["exec", id, "tail", "/dev/zero"])).code, 137);
  t.equal(await root.ok(["inspect", "--format", "{{.State.Status}}", id]), "running");
  const directory = cgroupOf(await pidOf(root, id), "memory");
  t.match(directory, id);
  await root.ok(["rm", "-f", id]);
  t.throws(() => readFileSync(`${directory}/cgroup.procs`), { code: "ENOENT" });
});
