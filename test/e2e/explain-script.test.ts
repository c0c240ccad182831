// --explain=sh: the scripts are run, and what the kernel then has is compared with what tsns itself makes.
import "../fixture/fresh-namespaces.ts";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import t, { type Test } from "tap";
import { image, makeBusyboxRoot, untilLogged } from "../fixture/busybox-scenario.ts";
import { type DataRoot, outcomeOf } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

/** The script of a command that changes something. */
const scriptOf = (root: DataRoot, args: readonly string[], path: readonly string[] = args.slice(0, 1)): Promise<string> =>
  root.ok([...path, "--dry-run", "--explain=sh", ...args.slice(path.length)]);

/** Runs a script to its end with the descriptors 0-2 alone. */
async function sh(script: string): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const child = spawn("sh", ["-c", script, "sh"], { cwd: "/", stdio: "pipe", env: { PATH: process.env.PATH ?? "" } });
  child.stdin.end();
  return outcomeOf(child, "script", 30_000);
}

function output(program: string, ...args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** Links, addresses, routes and rules, without what is another at each making: numbers, hardware addresses of veth pairs, timers. */
function networkState(): string {
  const plain = (json: string) =>
    json
      .replaceAll(/"(ifindex|link_index|link_netnsid|valid_life_time|preferred_life_time)":\d+,?/g, "")
      .replaceAll(/"tentative":true,?|"flags":\[[^\]]*\],?|"operstate":"\w+",?/g, "")
      .replaceAll(/"veth\w+"/g, '"veth"')
      .replaceAll(/"address":"(?!02:74)[0-9a-f:]{17}"/g, '"address":""')
      .replaceAll(/\{"family":"inet6","local":"fe80[^}]*\},?/g, "");
  const rules = output("iptables-save")
    .replaceAll(/^#.*\n/gm, "")
    .replaceAll(/\[\d+:\d+\]/g, "")
    .replaceAll(/tsns:[0-9a-f]{12}/g, "tsns:ID");
  return [plain(output("ip", "-j", "link")), plain(output("ip", "-j", "addr")), plain(output("ip", "-j", "route")), rules].join("\n");
}

/** A veth pair goes with its network namespace, which the kernel takes apart when all its processes have ended. */
const pairsGone = () => waitFor("the pair is gone", () => !networkState().includes('"veth"'));

t.test("network create, network rm", needRoot, async (t) => {
  const root = await makeBusyboxRoot(t);
  for (const options of [
    [],
    ["--internal"],
    ["-o", "com.docker.network.bridge.name=h-bridge", "-o", "com.docker.network.driver.mtu=1300"],
  ]) {
    const create = ["network", "create", ...options, "--subnet", "10.77.1.0/24", "net"];
    const said = create.join(" ");
    // The rules of an earlier round may have left empty tables behind.
    await root.ok(create);
    await root.ok(["network", "rm", "net"]);
    const before = networkState();
    const creation = await scriptOf(root, create, ["network", "create"]);
    await root.ok(create);
    const made = networkState();
    const removal = await scriptOf(root, ["network", "rm", "net"], ["network", "rm"]);
    t.match(await sh(removal), { code: 0, stderr: "" }, `${said}: removal`);
    t.equal(networkState(), before, `${said}: the script removes what tsns made`);
    await root.ok(["network", "rm", "net"]);
    t.match(await sh(creation), { code: 0 }, `${said}: creation`);
    t.equal(networkState(), made, `${said}: the script makes what tsns makes`);
    await sh(removal);
    t.equal(networkState(), before);
  }
});

/** What a process can tell of where it runs; ids of containers, and what differs between any two runs, are made the same. */
const probe = `grep -E "^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp:)" /proc/self/status; cut -d" " -f4- /proc/self/mountinfo; hostname
cut -d: -f2- /proc/self/cgroup; env | sort; ip address | grep -E "^[0-9]|inet "; ip route; id; umask; pwd; ls -l /dev | wc -l; ulimit -n
cat /proc/self/oom_score_adj /proc/sys/net/ipv4/ip_unprivileged_port_start; ls -l /etc; cat /etc/hosts; ls -l /dev/x 2>&1
ulimit -Hn; cat /proc/sys/kernel/domainname /proc/sys/kernel/msgmax /proc/self/timens_offsets; echo said >&2; exit 3`;
const anonymous = (text: string) =>
  text
    .replaceAll(/\b[0-9a-f]{64}\b/g, "ID")
    .replaceAll(/\b(?=\w*[a-f])[0-9a-f]{12}\b/g, "ID")
    .replaceAll(/eth0@if\d+/g, "eth0@if")
    .replaceAll(/(master|shared):\d+/g, "$1")
    .replaceAll(/\b\d\d:\d\d\b/g, "TIME")
    .replaceAll(/.*name=.*\n/g, "");

const runs: readonly (readonly string[])[] = [
  ["--network", "none"],
  ["-p", "127.0.0.1:0:80", "--memory", "64m", "--pids-limit", "40", "--cpus", "0.5"],
  [
    "--network",
    "none",
    "-u",
    "1000:5",
    "-w",
    "/tmp",
    "--read-only",
    "--tmpfs",
    "/run",
    "--hostname",
    "probe",
    "--cap-add",
    "NET_ADMIN",
    "--cap-drop",
    "MKNOD",
  ],
  ["--network", "host", "--pid", "host", "--privileged", "--security-opt", "no-new-privileges", "-e", "HOME="],
  [
    ...[
      "--network",
      "none",
      "--time",
      "private:24h",
      "--cgroupns",
      "host",
      "--domainname",
      "dom",
      "--shm-size",
      "1m",
      "--group-add",
      "tty",
    ],
    ...["--ulimit", "nofile=64:128", "--sysctl", "kernel.msgmax=9000", "--oom-score-adj", "100", "--device", "/dev/full:/dev/x"],
  ],
  ["--network", "none", "-v", "/usr/share/doc:/mnt:ro", "-e", "A=b c", "-e", "HOME=/x", "--entrypoint", "/bin/sh"],
];

t.test("run", needRoot, async (t) => {
  const root = await makeBusyboxRoot(t);
  await root.ok(["run", "--rm", image, "true"]);
  await pairsGone();
  const before = networkState();
  for (const options of runs) {
    const shell = options.includes("--entrypoint") ? [] : ["sh"];
    const args = ["run", "--rm", ...options, image, ...shell, "-c", probe];
    const own = await root.tsns(args);
    const script = await scriptOf(root, args);
    const outcome = await sh(script);
    t.equal(outcome.code, own.code, `${options.join(" ")}: ${outcome.stderr}`);
    t.equal(anonymous(outcome.stdout), anonymous(own.stdout), options.join(" "));
    t.equal(outcome.stderr, own.stderr);
    await pairsGone();
    t.equal(networkState(), before, "nothing stays");
    t.same(readdirSync(`${root.path}/containers`), []);
  }
});

/** A container's groups by hierarchy, with the values of its limits. */
function limits(id: string): Record<string, string> {
  const files = { memory: "memory.limit_in_bytes", pids: "pids.max", cpu: "cpu.cfs_quota_us", devices: "devices.list" };
  return Object.fromEntries(
    Object.entries(files).map(([controller, file]) => {
      const path = `/sys/fs/cgroup/${controller}/tsns-${id}/${file}`;
      return [controller, existsSync(path) ? readFileSync(path, "utf8") : ""];
    }),
  );
}

t.test("a published port and limits, seen from outside while it runs", needRoot, async (t) => {
  const root = await makeBusyboxRoot(t);
  const args = ["run", "-d", "--name", "web", "-p", "127.0.0.1:8099:80", "--memory", "64m", "--pids-limit", "40", "--cpus", "0.5", image];
  const command = ["sh", "-c", "trap 'exit 4' USR1; echo ready; sleep 1000 & wait"];
  await root.ok(["run", "--rm", image, "true"]);
  const id = await root.ok([...args, ...command]);
  const [state, values] = [networkState(), limits(id)];
  await root.ok(["rm", "-f", "web"]);
  await pairsGone();
  const script = await scriptOf(root, [...args, ...command]);
  const other = /tsns-([0-9a-f]{64})/.exec(script)?.[1] ?? "";
  const child = spawn("sh", ["-c", script, "sh"], {
    cwd: "/",
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH: process.env.PATH ?? "" },
  });
  const ended = new Promise<number | null>((done) => child.on("close", done));
  await new Promise((done) => child.stdout.once("data", done));
  t.equal(anonymousAddress(networkState()), anonymousAddress(state));
  t.same(limits(other), values);
  const readPids = () => readFileSync(`/sys/fs/cgroup/pids/tsns-${other}/cgroup.procs`, "utf8").trim().split("\n");
  await waitFor("the shell has started sleep", () => readPids().length > 1);
  const pids = readPids();
  t.equal(pids.length, 2, "the shell and sleep, nothing of the script");
  const init = pids.find((pid) => /^NSpid:.*\t1$/m.test(readFileSync(`/proc/${pid}/status`, "utf8")));
  process.kill(Number(init), "SIGUSR1");
  t.equal(await ended, 4);
  t.notOk(existsSync(`/sys/fs/cgroup/pids/tsns-${other}`), "its groups are gone");
});

const anonymousAddress = (text: string) => text.replaceAll(/10\.\d+\.\d+\.\d+:80/g, "ADDRESS:80");

async function withContainer(root: DataRoot, body: (id: string) => Promise<void>): Promise<void> {
  const words = ["sh", "-c", "trap 'exit 4' TERM; echo ready; sleep 1000 & wait"];
  const id = await root.ok(["run", "-d", "--name", "box", "-p", "0:80", image, ...words]);
  await untilLogged(root, "box", /ready/);
  await body(id);
  await root.tsns(["rm", "-f", "box"]);
}

const statusOf = (root: DataRoot) => root.ok(["inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "box"]);

t.test("exec, stop, kill, rm", needRoot, async (t) => {
  const root = await makeBusyboxRoot(t);
  await root.ok(["run", "--rm", image, "true"]);
  await pairsGone();
  const before = networkState();
  const gone = (t: Test, said: string) => waitFor(said, () => networkState() === before).then(() => t.pass(said));
  await withContainer(root, async () => {
    for (const options of [[], ["-u", "1000", "-w", "/tmp", "-e", "X=1"], ["--privileged"]]) {
      const args = ["exec", ...options, "box", "sh", "-c", probe];
      const own = await root.tsns(args);
      const outcome = await sh(await scriptOf(root, args));
      t.equal(outcome.code, own.code, outcome.stderr);
      t.equal(anonymous(outcome.stdout), anonymous(own.stdout), args.slice(0, -1).join(" "));
    }
    t.match(await sh(await scriptOf(root, ["stop", "box"])), { code: 0 });
    t.equal(await statusOf(root), "exited 4");
    await gone(t, "stopped by the script");
  });
  await withContainer(root, async () => {
    t.match(await sh(await scriptOf(root, ["kill", "box"])), { code: 0 });
    t.equal(await statusOf(root), "exited 137");
    await gone(t, "killed by the script");
  });
  await withContainer(root, async (id) => {
    t.match(await sh(await scriptOf(root, ["rm", "-f", "box"])), { code: 0 });
    t.notOk(existsSync(`${root.path}/containers/${id}/upper`));
    await gone(t, "removed by the script");
  });
});
