// podman run with dist/tsns-oci as its runtime: what a container is made of, as its program sees it, and the same under runc beside it.
import { mkdirSync, writeFileSync } from "node:fs";
import t from "tap";
import { eachOf } from "../fixture/each-of.ts";
import { needPrograms, openCaller } from "../fixture/oci-caller.ts";

interface Cell {
  readonly name: string;
  readonly options: readonly string[];
  /** For sh in the container; absent: `args`. */
  readonly script?: string;
  readonly args?: readonly string[];
  readonly input?: string;
  readonly code?: number;
  readonly expect: RegExp;
  /** runc is asked too. */
  readonly beside?: true;
}

const mapped = ["--uidmap", "0:100000:65536", "--gidmap", "0:200000:65536"];

const programCells: readonly Cell[] = [
  { name: "exit code", options: [], script: "exit 3", code: 3, expect: /^$/ },
  { name: "no such program", options: [], args: ["nosuch"], code: 127, expect: /^$/ },
  { name: "no program", options: [], args: ["/etc"], code: 126, expect: /^$/ },
  {
    name: "who, where, with what",
    beside: true,
    options: ["-u", "1000:100", "--group-add", "42", "-e", "A=x y", "-w", "/var", "--hostname", "here", "--umask", "077"],
    script: 'id -u; id -g; id -G | grep -c -w 42; echo "$A"; pwd; hostname; umask',
    expect: /^1000\n100\n1\nx y\n\/var\nhere\n0077\n$/,
  },
  { name: "standard input", options: ["-i"], script: "cat", input: "said\n", expect: /^said\n$/ },
  { name: "a terminal", options: ["-t"], script: "tty; stat -c %a /dev/pts/0", expect: /^\/dev\/pts\/0\r\n620\r\n$/ },
];

const fileCells = (directory: string): Cell[] => [
  {
    name: "read-only root, what is on it copied into temporary file systems",
    options: ["--read-only", "--tmpfs", "/var:size=1m"],
    script:
      "touch /x; touch /tmp/x /run/x /dev/shm/x && echo written; stat -c %a /tmp; ls -d /var/log; grep -o ' /var .*size=1024k' /proc/mounts",
    expect: /^written\n1777\n\/var\/log\n \/var tmpfs rw,.*size=1024k\n$/,
  },
  {
    name: "volumes",
    beside: true,
    options: ["-v", `${directory}/shown:/one:ro`, "-v", `${directory}/shown:/two:rshared`, "-v", `${directory}/shown:/three:slave`],
    script:
      "cat /one/file; touch /one/x; touch /two/x && rm /three/x; grep -c ' /two .* shared:' /proc/self/mountinfo; grep -c ' /one .* shared:' /proc/self/mountinfo",
    code: 1,
    expect: /^here\n1\n0\n$/,
  },
  {
    name: "devices",
    options: ["--device", "/dev/zero:/dev/fortune:r", "--cap-add", "mknod"],
    script:
      "head -c 2 /dev/fortune | wc -c; mknod /tmp/k c 1 11; head -c 1 /tmp/k || echo denied; echo x > /dev/null && ls -l /dev/ptmx | grep -o 'ptmx -.*'",
    expect: /^2\ndenied\nptmx -> pts\/ptmx\n$/,
  },
];

const rightCells = (directory: string): Cell[] => [
  {
    name: "capabilities",
    options: ["--cap-drop", "all", "--cap-add", "net_admin,chown"],
    script: "grep Cap /proc/self/status",
    expect: /CapPrm:\t0{12}1001\nCapEff:\t0{12}1001\nCapBnd:\t0{12}1001\nCapAmb:\t0{16}\n$/,
  },
  {
    name: "capabilities of a user",
    beside: true,
    options: ["-u", "5", "--cap-add", "net_admin"],
    script: "grep -e CapEff -e CapAmb /proc/self/status",
    expect: /^CapEff:\t0{12}1000\nCapAmb:\t0{12}1000\n$/,
  },
  {
    name: "filter and no new privileges",
    options: ["--security-opt", "no-new-privileges"],
    script: "grep -e NoNewPrivs -e Seccomp: /proc/self/status; unshare -m true || echo refused",
    expect: /^NoNewPrivs:\t1\nSeccomp:\t2\nrefused\n$/,
  },
  {
    name: "a filter of one's own",
    options: ["--security-opt", `seccomp=${directory}/seccomp.json`],
    script: "mkdir /tmp/x 2>&1; grep Seccomp: /proc/self/status",
    expect: /Function not implemented\nSeccomp:\t2\n$/,
  },
  {
    name: "privileged",
    options: ["--privileged"],
    script: "grep Seccomp: /proc/self/status; grep -c '^sysfs /sys sysfs rw' /proc/mounts; unshare -m true && ls /dev/ptmx",
    expect: /^Seccomp:\t0\n1\n\/dev\/ptmx\n$/,
  },
];

const boundCells = (directory: string): Cell[] => [
  {
    name: "limits in its groups",
    beside: true,
    options: [
      "--memory",
      "64m",
      "--memory-swap",
      "64m",
      "--cpus",
      "0.5",
      "--pids-limit",
      "33",
      "--cpuset-cpus",
      "0",
      "--oom-score-adj",
      "100",
    ],
    script: `cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes memory.max cpu/cpu.cfs_quota_us cpu.max pids/pids.max pids.max cpuset/cpuset.cpus cpuset.cpus 2>/dev/null;
      cat /proc/self/oom_score_adj`,
    expect: /^67108864\n50000( 100000)?\n33\n0\n100\n$/,
  },
  // Not beside runc, which ends with 126 here now and then.
  {
    name: "user namespace",
    options: mapped,
    script:
      "id -u; cat /proc/self/uid_map /proc/self/gid_map; touch /x; stat -c %u:%g /x /bin/busybox /dev/shm; hostname new || echo denied",
    expect: /^0\n +0 +100000 +65536\n +0 +200000 +65536\n0:0\n0:0\n0:0\ndenied\n$/,
  },
  {
    name: "an id-mapped volume",
    options: [...mapped, "-v", `${directory}/shown:/one:idmap`],
    script: "stat -c %u /one/file; touch /one/made",
    expect: /^0\n$/,
  },
  {
    name: "settings of the kernel, room, files",
    beside: true,
    options: ["--sysctl", "kernel.msgmax=4096", "--shm-size", "1m", "--ulimit", "nofile=100:200", "--ulimit", "nproc=1000:1000"],
    script:
      "cat /proc/sys/kernel/msgmax; df -k /dev/shm | tail -1 | tr -s ' ' | cut -d' ' -f2; ulimit -Sn; ulimit -Hn; mount | grep -c ' /dev/mqueue '",
    expect: /^4096\n1024\n100\n200\n1\n$/,
  },
  {
    name: "what is hidden and what cannot be changed",
    beside: true,
    options: ["--security-opt", "mask=/proc/version"],
    script: "wc -c < /proc/version; echo 1 > /proc/sys/kernel/panic; ls /sys/firmware | wc -l; wc -c < /proc/timer_list",
    expect: /^0\n0\n0\n$/,
  },
  {
    name: "the host's namespaces",
    options: ["--pid", "host", "--ipc", "host", "--uts", "host", "--net", "host", "--cgroupns", "host"],
    script: "for kind in pid ipc uts net cgroup mnt; do readlink /proc/self/ns/$kind; done; test $$ -gt 1",
    expect: /pid:.*\nipc:.*\nuts:.*\nnet:.*\ncgroup:.*\nmnt:.*\n$/,
  },
  { name: "an init of podman's", options: ["--init"], script: "ps -o args | sed -n 2p", expect: /catatonit|podman-init/ },
  { name: "personality", options: ["--personality", "LINUX32"], script: "uname -m", expect: /^i686\n$/ },
];

t.test("podman run: a program sees what was asked for, as under runc", needPrograms("podman", "conmon", "runc", "catatonit"), async (t) => {
  const podman = await openCaller(t, "podman");
  mkdirSync(`${podman.directory}/shown`);
  writeFileSync(`${podman.directory}/shown/file`, "here\n");
  const rule = { names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 38 };
  writeFileSync(`${podman.directory}/seccomp.json`, JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls: [rule] }));
  const ask = async ({ name, options, script, args, input, code = 0, expect, beside }: Cell) => {
    const command = args ?? ["sh", "-c", script ?? ""];
    const words = ["run", "--rm", "--cgroup-parent", podman.groupParent, ...options, "busybox", ...command];
    const given = input === undefined ? {} : { input };
    const ours = await podman.call(words, given);
    t.equal(ours.code, code, `${name}: exit code; ${ours.stderr}`);
    t.match(ours.stdout, expect, name);
    if (!beside) return;
    const other = await podman.call(words, { ...given, runtime: "/usr/sbin/runc" });
    t.same([ours.code, ours.stdout], [other.code, other.stdout], `${name}: as under runc; ${other.stderr}`);
  };
  const all = [...programCells, ...fileCells(podman.directory), ...rightCells(podman.directory), ...boundCells(podman.directory)];
  await eachOf(all.length, 3, async (at) => {
    const cell = all[at];
    if (cell) await ask(cell);
  });
  t.same(podman.groups(), [], "no group is left");
});
