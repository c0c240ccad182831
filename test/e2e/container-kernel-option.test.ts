// What the kernel lets the processes of a container do: ulimits, sysctls, groups, OOM score; words with one meaning here. Seen from inside.
import { readFileSync } from "node:fs";
import { image, inside, pidOf, sharingRoot } from "../fixture/busybox-scenario.ts";

const scenario = sharingRoot();
const hardLimit = (title: string) => new RegExp(`^${title}\\s+\\S+\\s+(\\S+)`, "m").exec(readFileSync("/proc/self/limits", "utf8"))?.[1];

scenario("--ulimit: of process 1, of exec, of every user", async (t, root) => {
  const options = [
    "--ulimit",
    "nofile=1:1",
    "--ulimit",
    "nofile=100:200",
    "--ulimit",
    "core=0",
    "--ulimit",
    "fsize=4096",
    "--ulimit",
    "stack=-1:-1",
  ];
  const script = "ulimit -n; ulimit -Hn; ulimit -c; ulimit -s; head -c 5000 /dev/zero > /tmp/x; echo $?; wc -c < /tmp/x";
  t.equal(
    await inside(root, script, options),
    "100\n200\n0\nunlimited\n153\n4096",
    "the last of a name; a file larger than fsize ends its writer",
  );
  await root.ok([
    "run",
    "-d",
    "--name",
    "limited",
    "--network",
    "none",
    "--ulimit",
    "nproc=50",
    "--ulimit",
    "nofile=64",
    "-u",
    "1234",
    image,
    "sleep",
    "1000",
  ]);
  const limits = readFileSync(`/proc/${await pidOf(root, "limited")}/limits`, "utf8");
  t.match(limits, /^Max open files +64 +64 /m);
  t.match(limits, /^Max processes +50 +50 /m);
  t.equal(await root.ok(["exec", "limited", "sh", "-c", "ulimit -n; ulimit -u"]), "64\n50");
  const shown = await root.ok(["inspect", "-f", "{{json .HostConfig.Ulimits}}", "limited"]);
  t.same(JSON.parse(shown), [
    { Name: "nproc", Hard: 50, Soft: 50 },
    { Name: "nofile", Hard: 64, Soft: 64 },
  ]);
  await root.ok(["rm", "-f", "limited"]);
});

scenario("--ulimit: what the host does not let anybody raise is refused before anything is made", async (t, root) => {
  const most = Number(readFileSync("/proc/sys/fs/nr_open", "utf8"));
  const beyond = await root.tsns(["run", "--rm", "--ulimit", `nofile=10:${most + 1}`, image, "true"]);
  t.match(beyond, { code: 125, stderr: new RegExp(`^tsns: --ulimit nofile=10:${most + 1}: the kernel allows at most ${most} .*\\n$`) });
  const hard = hardLimit("Max processes");
  const raised = await root.tsns(["run", "--rm", "--network", "none", "--userns", "private", "--ulimit", "nproc=-1", image, "true"]);
  if (hard === "unlimited") t.equal(raised.code, 0);
  else
    t.match(raised, { code: 125, stderr: new RegExp(`^tsns: --ulimit nproc=-1:-1: the hard limit here is ${hard}, and .*raise it.*\\n$`) });
  t.equal(await root.ok(["ps", "-aq"]), "");
});

scenario("--sysctl: those of its namespaces, written before the command starts", async (t, root) => {
  const options = [
    "kernel.msgmax=9000",
    "net.ipv4.ip_forward=1",
    "net/ipv4/conf/lo/forwarding=0",
    "fs.mqueue.msg_max=20",
    "kernel.shm_rmid_forced=1",
  ];
  const files = ["kernel/msgmax", "net/ipv4/ip_forward", "net/ipv4/conf/lo/forwarding", "fs/mqueue/msg_max", "kernel/shm_rmid_forced"];
  const script = files.map((file) => `cat /proc/sys/${file}`).join("; ");
  t.equal(
    await inside(
      root,
      script,
      options.flatMap((option) => ["--sysctl", option]),
    ),
    "9000\n1\n0\n20\n1",
  );
  t.equal(
    await inside(root, "cat /proc/sys/net/ipv4/ip_unprivileged_port_start", ["--sysctl", "net.ipv4.ip_unprivileged_port_start=1024"]),
    "1024",
  );
  const refused = (...words: string[]) => root.tsns(["run", "--rm", ...words, image, "true"]);
  for (const key of [
    "kernel.hostname=x",
    "vm.swappiness=1",
    "kernel.shmmaxx=1",
    "net..x=1",
    "net.ipv4/../../kernel/panic=1",
    "kernel.msgmax",
    "=1",
  ])
    t.match(
      await refused("--sysctl", key),
      { code: 125, stderr: new RegExp(`^tsns: sysctl '${key.replaceAll(".", "\\.")}' is not allowed`) },
      key,
    );
  t.match(await refused("--network", "host", "--ipc", "host", "--sysctl", "net.core.somaxconn=1", "--sysctl", "kernel.msgmax=1"), {
    code: 125,
    stderr: /"net.core.somaxconn" not allowed in host network namespace.*\n.*"kernel.msgmax" is not allowed in the hosts ipc namespace/,
  });
  t.match(await refused("--network", "none", "--sysctl", "net.nosuch=1"), {
    code: 125,
    stderr: /^tsns: --sysctl net\.nosuch: no such file or directory/,
  });
  t.match(await refused("--network", "none", "--sysctl", "kernel.msgmax=x"), {
    code: 125,
    stderr: /^tsns: --sysctl kernel\.msgmax: invalid argument/,
  });
  t.equal(await root.ok(["ps", "-aq"]), "", "a failed start leaves nothing");
});

scenario("--group-add: by number and by name of the image, for exec as well", async (t, root) => {
  await root.ok([
    "run",
    "-d",
    "--name",
    "grouped",
    "--network",
    "none",
    "-u",
    "daemon",
    "--group-add",
    "tty",
    "--group-add",
    "4321",
    image,
    "sleep",
    "1000",
  ]);
  t.match(readFileSync(`/proc/${await pidOf(root, "grouped")}/status`, "utf8"), /^Groups:\t1 5 4321 $/m);
  t.equal(await root.ok(["exec", "grouped", "id", "-G"]), "1 5 4321");
  t.equal(await root.ok(["inspect", "-f", "{{json .HostConfig.GroupAdd}}", "grouped"]), '["tty","4321"]');
  await root.ok(["rm", "-f", "grouped"]);
  const missing = await root.tsns(["run", "--rm", "--network", "none", "--group-add", "nosuch", image, "true"]);
  t.match(missing, { code: 125, stderr: /^tsns: unable to find group nosuch: no matching entries in group file/ });
});

scenario("--oom-score-adj: of process 1 and exec, in a user namespace too; lower than the host's only where it may", async (t, root) => {
  for (const options of [[], ["--userns", "private"]]) {
    await root.ok(["run", "-d", "--name", "score", "--network", "none", "--oom-score-adj", "321", ...options, image, "sleep", "1000"]);
    t.equal(readFileSync(`/proc/${await pidOf(root, "score")}/oom_score_adj`, "utf8"), "321\n");
    t.equal(await root.ok(["exec", "score", "cat", "/proc/self/oom_score_adj"]), "321");
    t.equal(await root.ok(["inspect", "-f", "{{.HostConfig.OomScoreAdj}}", "score"]), "321");
    await root.ok(["rm", "-f", "score"]);
  }
  const lowered = await root.tsns([
    "run",
    "--rm",
    "--network",
    "none",
    "--oom-score-adj",
    "-1000",
    image,
    "cat",
    "/proc/self/oom_score_adj",
  ]);
  const may = (BigInt(`0x${/^CapEff:\t(\w+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]}`) >> 24n) & 1n;
  if (may) t.match(lowered, { code: 0, stdout: "-1000\n" });
  else t.match(lowered, { code: 125, stderr: /^tsns: --oom-score-adj -1000: it is -?\d+ here, and .*lower it.*\n$/ });
  t.equal(readFileSync("/proc/self/oom_score_adj", "utf8"), readFileSync(`/proc/${process.ppid}/oom_score_adj`, "utf8"));
});

scenario("words with one meaning here, all that is wrong at once", async (t, root) => {
  const plain = [
    "--isolation",
    "default",
    "--runtime",
    "tsns",
    "--kernel-memory",
    "0",
    "--use-api-socket=false",
    "--memory-swappiness",
    "-1",
  ];
  t.equal(await inside(root, "echo ran", [...plain, "--cgroupns", "private", "--ipc", "private", "--time", "host"]), "ran");
  const wrong: [string[], RegExp][] = [
    [["--isolation", "hyperv"], /Invalid isolation: "hyperv" - linux only supports 'default'/],
    [["--gpus", "all"], /could not select device driver "" with capabilities: \[\[gpu\]\]/],
    [["--use-api-socket"], /--use-api-socket: there is no API socket/],
    [["--kernel-memory", "50m"], /--kernel-memory: the kernel does not keep a limit/],
    [["--cgroupns", "x"], /--cgroupns: invalid CGROUP mode/],
    [["--userns", "x"], /--userns: invalid USER mode/],
    [["--uts", "x"], /--uts: invalid UTS mode/],
    [["--pid", "x"], /--pid: invalid PID mode/],
    [["--ipc", "x"], /--ipc: invalid IPC mode/],
    [["--time", "x"], /--time: invalid time mode/],
    [["--ulimit", "foo=1"], /invalid ulimit type: foo/],
    [["--shm-size", "-1"], /invalid argument "-1" for "--shm-size" flag: invalid size: '-1'/],
    [["--oom-score-adj", "1001"], /Invalid value 1001, range for oom score adj is \[-1000, 1000\]/],
    [["--memory-swappiness", "200"], /invalid value: 200\. Valid memory swappiness range is 0-100/],
    [["--blkio-weight", "5"], /Range of blkio weight is from 10 to 1000/],
    [["--cpu-rt-period", "1000", "--cpu-rt-runtime", "2000"], /cpu real-time runtime cannot be higher than cpu real-time period/],
    [["--device-read-bps", "/dev/zero"], /invalid --device-read-bps/],
    [["--blkio-weight-device", "/dev/zero:5"], /invalid weight for device: \/dev\/zero:5/],
    [["--device-cgroup-rule", "x"], /invalid device cgroup format 'x'/],
    [["--device", "vendor.com/class=gpu0"], /CDI device injection is not supported/],
    [["--domainname", "-x"], /invalid domain name "-x"/],
  ];
  const { code, stderr } = await root.tsns(["run", "--rm", ...wrong.flatMap(([words]) => words), image, "true"]);
  t.equal(code, 125);
  for (const [words, message] of wrong) t.match(stderr, message, words.join(" "));
  t.ok(stderr.trimEnd().split("\n").length >= wrong.length, "a line for each");
});
