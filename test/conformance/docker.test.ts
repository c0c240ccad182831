// docker with dist/tsns-oci as an added runtime of its daemon: what containers are made of, as their programs see it and as they do under runc,
// and their lives from run to rm.
import "../fixture/fresh-namespaces.ts";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { makeBusyboxTar } from "../fixture/busybox.ts";
import { groupsOf, mountHierarchies } from "../fixture/cgroup-hierarchy.ts";
import { type Docker, startDocker } from "../fixture/dockerd.ts";
import { ociProgram } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";
import { openTerminal } from "../fixture/terminal.ts";
import { waitFor } from "../fixture/wait.ts";

interface Cell {
  readonly name: string;
  readonly options: readonly string[];
  /** For sh in the container; absent: `args`. */
  readonly script?: string;
  readonly args?: readonly string[];
  readonly code?: number;
  /** Lines of standard output, the same under runc. */
  readonly expect: RegExp;
}

const cells = (directory: string): readonly Cell[] => [
  {
    name: "limits, a read-only root, a user of its own",
    options: [
      ...["--memory=50m", "--memory-swap=60m", "--cpus=0.5", "--cpu-shares=77", "--cpuset-cpus=0", "--pids-limit=9", "--read-only"],
      ...["--user=7:8", "--group-add=55", "--ulimit=nofile=100:200", "--oom-score-adj=100", "--tmpfs=/t:size=1m,mode=1700"],
    ],
    script: `cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes memory/memory.memsw.limit_in_bytes cpu/cpu.cfs_quota_us cpu/cpu.shares;
      cat cpuset/cpuset.cpus pids/pids.max /proc/self/oom_score_adj; id; ulimit -n; ulimit -Hn; touch /x || echo no; stat -c %a /t`,
    expect: /^52428800\n62914560\n50000\n77\n0\n9\n100\nuid=7 gid=8 groups=8(\(\w+\))?,55\n100\n200\nno\n1700$/,
  },
  {
    name: "names, environment, directory, sysctls, devices, volumes, init",
    options: [
      ...["--hostname=here", "--domainname=there", "--env=A=b c", "--workdir=/new/one", "--sysctl=kernel.shmmax=12345", "--init"],
      ...["--device=/dev/null:/dev/other:r", `--volume=${directory}:/shown:ro`, "--shm-size=3m"],
    ],
    script: `hostname; cat /proc/sys/kernel/domainname /proc/sys/kernel/shmmax; echo $A; pwd; cat /proc/1/comm; cat /dev/other && echo read;
      mknod /tmp/fuse c 10 229; (: < /tmp/fuse) 2>&1 | grep -o 'not permitted'; ls /shown/image.tar; touch /shown/x || echo no; df -k /dev/shm | tail -n 1 | awk '{print $2}'`,
    expect: /^here\nthere\n12345\nb c\n\/new\/one\n(docker|tini).*\nread\nnot permitted\n\/shown\/image.tar\nno\n3072$/,
  },
  {
    name: "capabilities, filters and what is hidden, by default",
    options: ["--cap-add=NET_ADMIN", "--cap-drop=CHOWN", "--security-opt=no-new-privileges"],
    script:
      "grep -E '^(Cap|NoNew|Seccomp:)' /proc/self/status; cat /proc/timer_list; echo 1 > /proc/sysrq-trigger || echo no; ls /proc/acpi | wc -l",
    expect: /CapBnd:\s00000000a80435fa\n(.*\n)+NoNewPrivs:\s1\nSeccomp:\s2\nno\n0$/,
  },
  {
    name: "without capabilities, filter and hidden paths; the host's network",
    options: ["--cap-drop=ALL", "--security-opt=seccomp=unconfined", "--security-opt=systempaths=unconfined", "--network=host"],
    script: "grep -E '^(Cap|NoNew|Seccomp:)' /proc/self/status; head -n 1 /proc/timer_list; readlink /proc/self/ns/net",
    expect: /CapEff:\s0+\n(.*\n)*Seccomp:\s0\n(Timer List.*\n)?net:\[\d+\]$/,
  },
  { name: "exit code", options: [], script: "exit 7", code: 7, expect: /^$/ },
  { name: "a program that is not there", options: [], args: ["nosuch"], code: 127, expect: /^$/ },
  { name: "a program that is none", options: [], args: ["/etc/passwd"], code: 126, expect: /^$/ },
  {
    name: "memory that runs out",
    options: ["--memory=20m", "--memory-swap=20m"],
    args: ["dd", "if=/dev/zero", "of=/dev/null", "bs=100M"],
    code: 137,
    expect: /^$/,
  },
];

async function testCells(t: Test, { docker, directory }: Docker): Promise<void> {
  for (const { name, options, script = "", args = ["sh", "-c", script], code = 0, expect } of cells(directory)) {
    const [own, peer] = await Promise.all(
      ["tsns", "runc"].map((runtime) => docker(["run", "--rm", `--runtime=${runtime}`, ...options, "box", ...args])),
    );
    t.match(own, { code }, `${name}: ${own?.stderr}`);
    t.match(own?.stdout.trim(), expect, name);
    t.same([own?.code, own?.stdout], [peer?.code, peer?.stdout], `${name}: as under runc`);
  }
}

/** What docker of today cannot do under runc where a capability is missing on the host: without a peer. */
async function testPrivileged(t: Test, { docker }: Docker): Promise<void> {
  const script =
    "grep -E '^Seccomp:' /proc/self/status; ls -l /dev/ptmx | grep -o 'pts/ptmx'; test -e /dev/kmsg && echo devices; mount -t tmpfs t /tmp && echo may";
  const { code, stdout, stderr } = await docker(["run", "--rm", "--runtime=tsns", "--privileged", "box", "sh", "-c", script]);
  t.same([code, stderr], [0, ""], "what this host lacks is told in the log, not in the container's output");
  t.match(stdout, /^Seccomp:\s0\npts\/ptmx\ndevices\nmay\n$/);
}

const talker = "trap 'echo term; exit 3' TERM; trap 'echo usr1' USR1; echo began; echo problem >&2; while :; do sleep 0.05; done";

async function testLife(t: Test, docker: Docker): Promise<void> {
  const { ok } = docker;
  const inspect = (format: string) => ok(["inspect", "-f", format, "one"]);
  const logged = (word: string) => waitFor(`${word} in the log`, async () => (await ok(["logs", "one"])).includes(word));
  await ok(["run", "-d", "--name=one", "--runtime=tsns", "--memory=50m", "box", "sh", "-c", talker]);
  await logged("began");
  const problem = await waitFor("what it says on the other stream", async () => (await docker.docker(["logs", "one"])).stderr);
  t.equal(problem, "problem\n", "its two streams are told apart");

  t.equal(
    await ok(["exec", "-i", "-u", "5", "-w", "/tmp", "-e", "A=b", "one", "sh", "-c", "id -u; pwd; echo $A; cat"], { input: "in" }),
    "5\n/tmp\nb\nin",
  );
  for (const [words, code] of [
    ["sh -c exit\t9", 9],
    ["nosuch", 126],
    ["/etc/passwd", 126],
  ] as const)
    t.equal((await docker.docker(["exec", "one", ...words.split(" ").map((word) => word.replace("\t", " "))])).code, code, words);
  await ok(["exec", "-d", "one", "sh", "-c", "echo apart > /tmp/apart"]);
  await waitFor("a detached exec", async () => (await docker.docker(["exec", "one", "cat", "/tmp/apart"])).stdout === "apart\n");

  await ok(["kill", "-s", "USR1", "one"]);
  await logged("usr1");
  await ok(["pause", "one"]);
  t.equal(await inspect("{{.State.Status}}"), "paused");
  await ok(["unpause", "one"]);
  t.equal(await inspect("{{.State.Status}}"), "running");
  t.match(await ok(["top", "one", "-o", "pid,comm"]), /^PID\s+COMMAND\n\d+\s+sh(\n|$)/);
  const stats = JSON.parse(await ok(["stats", "--no-stream", "--format", "{{json .}}", "one"]));
  t.match(stats, { MemUsage: /^[1-9].* \/ 50MiB$/, PIDs: /^[1-9]/ });
  await ok(["update", "--memory=64m", "--memory-swap=128m", "--pids-limit=33", "--cpus=0.5", "one"]);
  const files = ["memory/memory.limit_in_bytes", "memory/memory.memsw.limit_in_bytes", "pids/pids.max", "cpu/cpu.cfs_quota_us"];
  t.equal(await ok(["exec", "one", "cat", ...files.map((file) => `/sys/fs/cgroup/${file}`)]), "67108864\n134217728\n33\n50000");

  await ok(["stop", "one"]);
  t.match(await ok(["logs", "one"]), /term$/, "its own signal was heard");
  t.equal(await inspect("{{.State.Status}} {{.State.ExitCode}}"), "exited 3");
  await ok(["start", "one"]);
  await ok(["restart", "-t", "0", "one"]);
  t.equal(await inspect("{{.State.Status}}"), "running");
  await ok(["kill", "one"]);
  t.equal(await ok(["wait", "one"]), "137");
  await ok(["rm", "one"]);
}

async function testHealth(t: Test, { ok }: Docker): Promise<void> {
  const health = ["--health-cmd=test -e /tmp/well", "--health-interval=200ms", "--health-retries=1"];
  await ok(["run", "-d", "--name=ill", "--runtime=tsns", ...health, "box", "sleep", "100"]);
  const status = (wanted: string) =>
    waitFor(wanted, async () => (await ok(["inspect", "-f", "{{.State.Health.Status}}", "ill"])) === wanted);
  t.ok(await status("unhealthy"));
  await ok(["exec", "ill", "touch", "/tmp/well"]);
  t.ok(await status("healthy"));
  await ok(["rm", "-f", "ill"]);

  await ok(["run", "-d", "--name=again", "--runtime=tsns", "--restart=on-failure:2", "box", "sh", "-c", "echo begun; exit 3"]);
  const ended = async () => (await ok(["inspect", "-f", "{{.State.Status}} {{.RestartCount}}", "again"])) === "exited 2";
  await waitFor("two restarts", ended, 60_000);
  t.equal(await ok(["logs", "again"]), "begun\nbegun\nbegun");
  await ok(["rm", "again"]);
}

/** Five at a time and five in a row, as health checks and scripts do it. */
async function testExecs(t: Test, { docker, ok }: Docker): Promise<void> {
  await ok(["run", "-d", "--name=busy", "--runtime=tsns", "box", "sleep", "1234"]);
  const exec = (number: number) => docker(["exec", "-i", "busy", "sh", "-c", `cat; exit ${number}`], { input: `${number}` });
  const seen = ({ code, stdout }: { readonly code: number | null; readonly stdout: string }) => [code, stdout];
  const numbers = [1, 2, 3, 4, 5];
  const wanted = numbers.map((number) => [number, `${number}`]);
  t.same((await Promise.all(numbers.map(exec))).map(seen), wanted);
  const inTurn = [];
  for (const number of numbers) inTurn.push(seen(await exec(number)));
  t.same(inTurn, wanted);
  t.equal((await ok(["top", "busy", "-o", "pid"])).split("\n").length, 2, "nothing of them is left");
  await ok(["rm", "-f", "busy"]);
}

/** The shim goes on with the runtime's containers while the daemon is another. */
async function testLiveRestore(t: Test, { docker, ok, restart }: Docker): Promise<void> {
  const inspect = (format: string) => ok(["inspect", "-f", format, "on"]);
  const logged = async () => (await ok(["logs", "on"])).split("\n").length;
  const counting = "trap 'exit 3' TERM; while :; do echo; sleep 0.05; done";
  await ok(["run", "-d", "--name=on", "--runtime=tsns", "--memory=50m", "box", "sh", "-c", counting]);
  const before = await inspect("{{.State.Pid}}");
  await restart();
  t.equal(await inspect("{{.State.Status}} {{.State.Pid}}"), `running ${before}`);
  const lines = await logged();
  await waitFor("what it says to the new daemon", async () => (await logged()) > lines);
  t.equal(await ok(["exec", "on", "echo", "in"]), "in");
  t.match(JSON.parse(await ok(["stats", "--no-stream", "--format", "{{json .}}", "on"])), { MemUsage: /^[1-9].* \/ 50MiB$/ });
  await ok(["stop", "on"]);
  t.equal(await inspect("{{.State.Status}} {{.State.ExitCode}}"), "exited 3");
  await ok(["rm", "on"]);
  t.equal((await docker(["run", "--rm", "--runtime=tsns", "box", "true"])).code, 0);
}

/** In one network, one pid namespace, one ipc namespace with another container. */
async function testTogether(t: Test, { ok }: Docker): Promise<void> {
  await ok(["run", "-d", "--name=host", "--runtime=tsns", "--ipc=shareable", "box", "sleep", "1234"]);
  const shared = ["--network=container:host", "--ipc=container:host", "--pid=container:host"];
  const kinds = "for kind in net ipc pid; do readlink /proc/self/ns/$kind; done";
  const inside = await ok(["exec", "host", "sh", "-c", kinds]);
  t.equal(await ok(["run", "--rm", "--runtime=tsns", ...shared, "box", "sh", "-c", kinds]), inside);
  t.match(await ok(["run", "--rm", "--runtime=tsns", "--link=host", "box", "ping", "-c1", "-w5", "host"]), /1 packets received/);
  await ok(["rm", "-f", "host"]);
}

async function testTerminal(t: Test, { host, ok }: Docker): Promise<void> {
  const env = { ...process.env, DOCKER_HOST: host };
  const screen = openTerminal(t, ["docker", "run", "-it", "--name=seen", "--runtime=tsns", "box", "sh"], { env, columns: 70, rows: 20 });
  await screen.see(/\/ #/);
  // its size is set once it has been started
  screen.type("tty; until stty size 2>/dev/null | grep '20 70'; do :; done\n");
  await screen.see(/\/dev\/pts\/0\n20 70/);
  screen.resize(60, 15);
  await waitFor("the new size", () => {
    screen.type("clear; stty size\n");
    return /15 60/.test(screen.screen());
  });
  const second = openTerminal(t, ["docker", "exec", "-it", "seen", "sh", "-c", "tty; read line; exit 4"], { env });
  await second.see(/\/dev\/pts\/1/);
  second.press("Enter");
  t.equal(await second.exitCode(), 4);
  screen.press("C-p", "C-q");
  t.equal(await screen.exitCode(), 0, "left alone");
  t.equal(await ok(["inspect", "-f", "{{.State.Status}}", "seen"]), "running");
  await ok(["rm", "-f", "seen"]);
}

t.test("docker run --runtime", { ...needRoot, buffered: true, timeout: 300_000 }, async (t) => {
  execFileSync("mount", ["-t", "tmpfs", "run", "/run"]); // shims leave sockets and fifos there
  mountHierarchies(t);
  const docker = await startDocker(t, { networks: true, storage: "overlay2", runtimes: { tsns: ociProgram }, liveRestore: true });
  writeFileSync(`${docker.directory}/image.tar`, makeBusyboxTar());
  await docker.ok(["import", `${docker.directory}/image.tar`, "box"]);
  await t.test("what a program sees, under tsns and under runc", (t) => testCells(t, docker));
  await t.test("--privileged", (t) => testPrivileged(t, docker));
  await t.test("exec, logs, kill, pause, top, stats, update, stop, start, restart, wait", (t) => testLife(t, docker));
  await t.test("health checks and restarts", (t) => testHealth(t, docker));
  await t.test("namespaces and a network shared with another container", (t) => testTogether(t, docker));
  await t.test("terminals", (t) => testTerminal(t, docker));
  await t.test("exec again and again", (t) => testExecs(t, docker));
  await t.test("a daemon that ends and begins again", (t) => testLiveRestore(t, docker));
  t.equal(await docker.ok(["ps", "-aq"]), "");
  t.equal(groupsOf(docker.group).filter((path) => !path.endsWith(docker.group)).length, 0, "no group of a container is left");
});
