// What can be done to a container that is there: pause, rename, restart, update, wait; signals to one that stands still.
import { readFileSync } from "node:fs";
import { readDescriptors } from "../../src/kernel/proc/descriptor.ts";
import { readProcessStat } from "../../src/kernel/proc/stat.ts";
import { image, pidOf, sharingRoot, untilLogged } from "../fixture/busybox-scenario.ts";
import { outcomeOf } from "../fixture/data-root.ts";
import { waitFor } from "../fixture/wait.ts";

const scenario = sharingRoot();
const sleeper = ["--network", "none", image, "sleep", "1000"];
const trap = ["--network", "none", image, "sh", "-c", "trap 'exit 7' TERM; echo ready; while :; do sleep 1000 & wait $!; done"];
const ready = "{{.State.Status}} {{.State.ExitCode}}";

scenario("pause stands still, and says so", async (t, root) => {
  await root.ok(["run", "-d", "--name", "still", ...sleeper]);
  t.equal(await root.ok(["pause", "still"]), "still");
  t.match(await root.ok(["ps", "--format", "{{.State}} {{.Status}}", "-f", "name=still"]), /^paused Up .* \(Paused\)$/);
  t.equal(await root.ok(["inspect", "-f", "{{.State.Status}} {{.State.Running}} {{.State.Paused}}", "still"]), "paused true true");
  t.match(await root.tsns(["pause", "still"]), { code: 1, stderr: /Container still is already paused/ });
  t.match(await root.tsns(["exec", "still", "true"]), { code: 1, stderr: /is paused, unpause the container before exec/ });
  t.match(await root.tsns(["attach", "still"]), { code: 1, stderr: /cannot attach to a paused container, unpause it first/ });
  t.match(await root.ok(["top", "still"]), /sleep 1000/);
  t.equal(await root.ok(["ps", "-q", "-f", "status=paused"]), await root.ok(["ps", "-q", "-f", "name=still"]));
  t.equal(await root.ok(["ps", "-q", "-f", "status=running", "-f", "name=still"]), "");
  t.match(await root.ok(["unpause", "--dry-run", "still"]), /thaw|go on/i);
  t.equal(await root.ok(["unpause", "still"]), "still");
  t.match(await root.tsns(["unpause", "still"]), { code: 1, stderr: /Container still is not paused/ });
  await root.ok(["exec", "still", "true"]);
  await root.ok(["rm", "-f", "still"]);
  t.match(await root.tsns(["pause", "still", "nosuch"]), { code: 1, stderr: /container: still.*\n.*container: nosuch/ }, "each is tried");
});

scenario("what ends a paused container lets it go on first", async (t, root) => {
  await root.ok(["run", "-d", "--name", "frozen", ...trap]);
  await untilLogged(root, "frozen", /ready/);
  await root.ok(["pause", "frozen"]);
  await root.ok(["stop", "frozen"]);
  t.equal(await root.ok(["inspect", "-f", ready, "frozen"]), "exited 7", "by its own signal");
  await root.ok(["start", "frozen"]);
  await root.ok(["pause", "frozen"]);
  await root.ok(["kill", "-s", "USR1", "frozen"]);
  t.equal(await root.ok(["inspect", "-f", "{{.State.Status}}", "frozen"]), "paused", "another signal waits");
  await root.ok(["kill", "frozen"]);
  t.equal(await root.ok(["inspect", "-f", ready, "frozen"]), "exited 137");
  await root.ok(["start", "frozen"]);
  await root.ok(["pause", "frozen"]);
  t.match(await root.tsns(["rm", "frozen"]), { code: 1 });
  await root.ok(["rm", "-f", "frozen"]);
});

scenario("rename: the name, and what is wrong with one", async (t, root) => {
  const id = await root.ok(["create", "--name", "before", ...sleeper]);
  await root.ok(["create", "--name", "taken", ...sleeper]);
  t.equal(await root.ok(["rename", "before", "after"]), "");
  t.equal(await root.ok(["inspect", "-f", "{{.Name}} {{.Id}}", "after"]), `/after ${id}`);
  t.match(await root.tsns(["inspect", "before"]), { code: 1 });
  for (const [words, stderr] of [
    [["after", "after"], /Renaming a container with the same name as its current name/],
    [["after", "taken"], /name "\/taken" is already in use by container/],
    [["after", "-bad"], /unknown shorthand flag/],
    [["after", "b@d"], /Invalid container name \(b@d\), only \[a-zA-Z0-9\]/],
    [["after", ""], /Neither old nor new names may be empty/],
    [["nosuch", "other"], /No such container: nosuch/],
    [["after"], /'tsns rename' takes 2 arguments|at least 2/],
  ] as const)
    t.match(await root.tsns(["rename", ...words]), { code: words[1] === "-bad" ? 125 : 1, stderr });
  await root.ok(["rm", "after", "taken"]);
});

scenario("restart: another process, the same files; one that is stopped is started; --rm stays", async (t, root) => {
  await root.ok(["run", "-d", "--rm", "--name", "again", ...trap]);
  const first = await pidOf(root, "again");
  await root.ok(["exec", "again", "touch", "/root/kept"]);
  t.equal(await root.ok(["restart", "again"]), "again");
  t.not(await pidOf(root, "again"), first);
  await root.ok(["exec", "again", "test", "-e", "/root/kept"]);
  await root.ok(["rm", "-f", "again"]);
  await root.ok(["create", "--name", "again", ...sleeper]);
  await root.ok(["restart", "-t", "0", "again"]);
  t.equal(await root.ok(["inspect", "-f", "{{.State.Status}}", "again"]), "running");
  await root.ok(["pause", "again"]);
  await root.ok(["restart", "-s", "KILL", "again"]);
  t.equal(await root.ok(["inspect", "-f", "{{.State.Status}}", "again"]), "running");
  t.match(await root.tsns(["restart", "-s", "NOSUCH", "again"]), { code: 1, stderr: /NOSUCH/ });
  await root.ok(["rm", "-f", "again"]);
});

const limits =
  "{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}} {{.HostConfig.CpusetCpus}}";

scenario("update: limits of a running container hold at once, and at its next start", async (t, root) => {
  await root.ok(["run", "-d", "--name", "limited", "--memory", "100m", ...sleeper]);
  const group = readFileSync(`/proc/${await pidOf(root, "limited")}/cgroup`, "utf8");
  const unified = !/:memory:/.test(group);
  const file = async (v1: string, v2: string) => {
    const path = unified ? v2 : v1;
    return (await root.ok(["exec", "limited", "cat", `/sys/fs/cgroup/${path}`])).trim();
  };
  t.match(await root.tsns(["update", "limited"]), { code: 1, stderr: /you must provide one or more flags/ });
  t.match(await root.tsns(["update", "--memory", "300m", "limited"]), {
    code: 1,
    stderr: /Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time/,
  });
  t.equal(await root.ok(["update", "--memory", "50m", "--cpus", "0.5", "--pids-limit", "20", "--cpuset-cpus", "0", "limited"]), "limited");
  t.equal(await file("memory/memory.limit_in_bytes", "memory.max"), `${50 << 20}`);
  t.equal(await file("pids/pids.max", "pids.max"), "20");
  t.match(await root.ok(["exec", "limited", "cat", "/proc/self/status"]), /Cpus_allowed_list:\s0\n/);
  t.equal(await root.ok(["inspect", "-f", limits, "limited"]), `${50 << 20} ${200 << 20} 500000000 20 0`);
  t.match(await root.tsns(["update", "--cpu-quota", "1000", "limited"]), { code: 1, stderr: /CPU Quota cannot be updated as NanoCPUs/ });
  await root.ok(["update", "--memory", "300m", "--memory-swap", "-1", "--pids-limit", "-1", "limited"]);
  t.equal(await file("memory/memory.limit_in_bytes", "memory.max"), `${300 << 20}`);
  t.equal(await file("pids/pids.max", "pids.max"), "max");
  t.equal(
    (await root.tsns(["update", "--memory", "400m", "limited"])).code,
    0,
    "any memory is below a swap limit of none: docker, for which -1 is less, refuses",
  );
  await root.ok(["update", "--memory", "300m", "limited"]);
  await root.ok(["restart", "-t", "0", "limited"]);
  t.equal(await file("memory/memory.limit_in_bytes", "memory.max"), `${300 << 20}`);
  t.match(await root.ok(["exec", "limited", "cat", "/proc/self/status"]), /Cpus_allowed_list:\s0\n/);
  const script = await root.ok(["update", "--dry-run", "--explain=sh", "--memory", "200m", "--memory-swap", "400m", "limited"]);
  t.match(script, new RegExp(`${200 << 20}`));
  t.equal(await file("memory/memory.limit_in_bytes", "memory.max"), `${300 << 20}`, "a dry run changes nothing");
  await root.ok(["rm", "-f", "limited"]);
  t.match(await root.tsns(["update", "--memory", "1m", "nosuch"]), { code: 1, stderr: /No such container: nosuch/ });
});

scenario("update: one that is stopped; several; what is wrong", async (t, root) => {
  await root.ok(["create", "--name", "one", ...sleeper]);
  await root.ok(["create", "--name", "two", ...sleeper]);
  t.equal(await root.ok(["update", "--memory", "64m", "--restart", "on-failure:3", "one", "two"]), "one\ntwo");
  const policy = "{{.HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}}:{{.HostConfig.RestartPolicy.MaximumRetryCount}}";
  t.equal(await root.ok(["inspect", "-f", policy, "two"]), `${64 << 20} on-failure:3`);
  t.match(await root.tsns(["update", "--memory", "1m", "one"]), { code: 1, stderr: /6 ?MB/ });
  t.match(await root.tsns(["update", "--cpus", "x", "--memory", "1q", "one"]), { code: 125, stderr: /--memory "1q".*\n.*--cpus "x"/ });
  t.match(await root.tsns(["update", "--pids-limit", "5", "nosuch", "one"]), { code: 1, stdout: "one\n", stderr: /nosuch/ });
  t.equal(await root.ok(["inspect", "-f", "{{.HostConfig.PidsLimit}}", "one"]), "5");
  await root.ok(["rm", "one", "two"]);
});

scenario("wait: not running, the next end, the removal", async (t, root) => {
  await root.ok(["create", "--name", "awaited", "--network", "none", image, "sh", "-c", "read line; exit 5"]);
  t.equal(await root.ok(["wait", "awaited"]), "0", "one that has never run");
  const next = root.start(["wait", "--condition", "next-exit", "awaited"]);
  const gone = root.start(["wait", "--condition", "removed", "awaited"]);
  const [nextEnd, goneEnd] = [outcomeOf(next, "wait", 20_000), outcomeOf(gone, "wait", 20_000)];
  const late = root.start(["wait", "--condition", "next-exit", "awaited"]);
  const lateEnd = outcomeOf(late, "wait", 20_000);
  await waitFor("all wait for events", () => [next, gone, late].every(({ pid = 0 }) => isListening(pid)));
  late.kill("SIGSTOP");
  await root.ok(["start", "awaited"]);
  t.match(await root.tsns(["wait", "awaited", "nosuch"]), { code: 1, stdout: "5\n", stderr: /nosuch/ });
  t.match(await nextEnd, { code: 0, stdout: "5\n" });
  late.kill("SIGCONT");
  t.match(await lateEnd, { code: 0, stdout: "5\n" }, "one that hears of start and end at the same time");
  await root.ok(["rm", "awaited"]);
  t.match(await goneEnd, { code: 0, stdout: "5\n" });
  t.match(await root.tsns(["wait", "--condition", "never", "x"]), { code: 125, stderr: /must be one of not-running, next-exit, removed/ });
});

/** Whether a process sleeps with the file of events open: what is told from then on is not missed. */
const isListening = (pid: number): boolean =>
  [...readDescriptors(pid)].some(({ target }) => target.endsWith("/events")) && readProcessStat(pid)?.state === "S";
