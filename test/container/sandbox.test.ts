// The order of operations: what must come before what, in each kind of container.
import t from "tap";
import { type CompileInput, compileOci } from "../../src/container/oci/compile.ts";
import { planSandbox, type SandboxInput } from "../../src/container/sandbox.ts";
import type { ContainerSpec } from "../../src/container/spec.ts";
import { CLONE, MS, type Operation } from "../../src/plan/operation.ts";
import { overlayData } from "../../src/plan/overlay.ts";
import { makeSpec, testId } from "../fixture/request.ts";

const compileInput: CompileInput = {
  id: testId,
  rootPath: "/c/root",
  volumes: { data: "/v/data" },
  files: [{ source: "/c/hosts", target: "/etc/hosts" }],
  boundingSet: (1n << 41n) - 1n,
  hostDevices: [],
  join: {},
  cgroupsPath: "/tsns",
};
const input: SandboxInput = {
  overlay: { lower: ["/l/2", "/l/1"], upper: "/c/upper", work: "/c/work" },
  monitor: [["state", "/c"]],
  cgroup: { joins: ["/cg/memory/tasks"] },
  cgroupMounts: { version: 1, hierarchies: [{ name: "memory", options: "memory" }] },
  network: { monitor: [["open", "100", "/proc/self/ns/net"]], init: [["netlink", "100", "00"]] },
  init: false,
  confinement: { seccomp: undefined, apparmor: undefined },
};
const plan = (spec: Partial<ContainerSpec> = {}, more: Partial<SandboxInput> = {}, compile: Partial<CompileInput> = {}) =>
  planSandbox(compileOci(makeSpec(spec), { ...compileInput, ...compile }), { ...input, ...more });

/** Place of the first operation that begins with these words; throws when there is none. */
function at(operations: readonly Operation[], ...words: string[]): number {
  const found = operations.findIndex((operation) => words.every((word, index) => operation[index] === word));
  if (found < 0) throw new Error(`no ${words.join(" ")} in ${operations.map(([name]) => name).join(" ")}`);
  return found;
}

const has = (operations: readonly Operation[], name: string): boolean => operations.some((operation) => operation[0] === name);

t.test("a root file system that goes with the container is mounted volatile, however many layers it has", async (t) => {
  const few = plan({}, { volatile: true }).init;
  t.match(few[at(few, "mount", "overlay", "/c/root")]?.[5], /,volatile$/);
  const overlay = { lower: Array.from({ length: 200 }, (_, at) => `/layers/${`${at}`.repeat(30)}`), upper: "/c/upper", work: "/c/work" };
  const many = plan({}, { volatile: true, overlay }).init;
  t.same(many[at(many, "overlay", "/c/root")]?.slice(-2), ["volatile", ""]);
  const kept = plan().init;
  t.notMatch(kept[at(kept, "mount", "overlay", "/c/root")]?.[5], /volatile/);
});

t.test("order of an ordinary container", async (t) => {
  const { monitor, init } = plan({ readOnlyRoot: true, cmd: ["a", "b"] });
  t.equal(at(monitor, "state"), 0);
  t.ok(at(monitor, "cgroup-join") < at(monitor, "clone"));
  t.equal(at(monitor, "clone"), monitor.length - 1);
  t.same(init[0], ["netlink", "100", "00"]);
  t.same(init[at(init, "keyring")], ["keyring", ""], "one without a name is never another container's");
  const order = [
    at(init, "mount", "", "/"),
    at(init, "mount", "overlay", "/c/root"),
    at(init, "root"),
    at(init, "mount-at", "proc"),
    at(init, "mount-at", "tmpfs", "/dev"),
    at(init, "mknod-at", "/dev/null"),
    at(init, "mount-at", "devpts"),
    at(init, "bind-at", "/c/hosts"),
    at(init, "sysctl"),
    at(init, "mask-at"),
    at(init, "readonly-at"),
    at(init, "hostname"),
    at(init, "barrier"),
    at(init, "unshare", `${CLONE.NEWCGROUP}`),
    at(init, "mount-at", "cgroup"),
    at(init, "remount-at", "/"),
    at(init, "pivot"),
    at(init, "caps"),
    at(init, "user"),
    at(init, "become"),
    at(init, "exec"),
  ];
  t.same(
    order,
    [...order].sort((a, b) => a - b),
  );
  t.same(init.at(-1), ["exec", "a", "b"]);
  const pivot = at(init, "pivot");
  t.notOk(
    init.slice(pivot).some(([name]) => name.endsWith("-at")),
    "the root descriptor is not used after pivot_root",
  );
});

t.test("what is made anew", async (t) => {
  const flags = (spec: Partial<ContainerSpec>) => Number(plan(spec).monitor.at(-1)?.[1]);
  const all = CLONE.NEWNS | CLONE.NEWPID | CLONE.NEWIPC | CLONE.NEWUTS | CLONE.NEWNET;
  t.equal(flags({}), all, "the cgroup namespace begins later, inside the cgroup");
  t.equal(flags({ pid: { mode: "host" }, network: { mode: "host" } }), all & ~CLONE.NEWPID & ~CLONE.NEWNET);
  t.equal(flags({ userNamespace: { uid: 1, gid: 1, size: 9 } }), all, "the user namespace is there before");
});

t.test("cgroup mounts come after the barrier only", async (t) => {
  const mountsOf = (view: SandboxInput["cgroupMounts"], privileged = false) => {
    const { init } = plan({ privileged }, { cgroupMounts: view });
    const barrier = at(init, "barrier");
    const isCgroup = (operation: Operation) => operation[2]?.startsWith("/sys/fs/cgroup") || operation[1]?.startsWith("/sys/fs/cgroup");
    t.notOk(init.slice(0, barrier).some(isCgroup));
    return init.slice(barrier).filter(isCgroup);
  };
  const readOnly = `${MS.NOSUID | MS.NODEV | MS.NOEXEC | MS.RDONLY}`;
  t.same(mountsOf({ version: 2 }), [["mount-at", "cgroup", "/sys/fs/cgroup", "cgroup2", readOnly, ""]]);
  t.same(mountsOf(input.cgroupMounts), [
    ["mount-at", "tmpfs", "/sys/fs/cgroup", "tmpfs", `${MS.NOSUID | MS.NODEV | MS.NOEXEC}`, "mode=755"],
    ["mkdir-at", "/sys/fs/cgroup/memory", "755"],
    ["mount-at", "cgroup", "/sys/fs/cgroup/memory", "cgroup", readOnly, "memory"],
    ["remount-at", "/sys/fs/cgroup", readOnly],
  ]);
  t.notOk(has(mountsOf(input.cgroupMounts, true), "remount-at"), "privileged may write");
});

t.test("joined namespaces", async (t) => {
  const { monitor, init } = plan(
    { pid: { mode: "container", container: "x" }, network: { mode: "container", container: "x" } },
    { network: { monitor: [], init: [] } },
    { join: { pid: "/proc/9/ns/pid", network: "/proc/9/ns/net" } },
  );
  const opened = monitor.filter(([name]) => name === "open");
  t.same(
    opened.map((operation) => operation[2]),
    ["/proc/9/ns/pid", "/proc/9/ns/net"],
  );
  const pid = opened[0]?.[1] ?? "";
  t.ok(at(monitor, "setns", pid, `${CLONE.NEWPID}`) < at(monitor, "clone"), "a pid namespace is for children: the monitor enters");
  t.same(
    init.filter(([name]) => name === "setns"),
    [["setns", opened[1]?.[1], `${CLONE.NEWNET}`]],
    "init enters the others",
  );
  t.equal(at(init, "setns"), 0);
});

t.test("cgroup v2 and device programs", async (t) => {
  const { monitor } = plan({}, { cgroup: { joins: [], into: "/cg/own", devices: { directory: "/cg/own", programHex: "95" } } });
  t.ok(at(monitor, "cgroup-devices", "/cg/own", "95") < at(monitor, "cgroup-fd", "/cg/own"));
  t.notOk(has(monitor, "cgroup-join"));
});

t.test("host image: the upper directory is on a file system of its own", async (t) => {
  const { monitor, init } = plan({}, { upperImage: { file: "/c/upper.ext4", target: "/c/layer" } });
  const order = [
    at(monitor, "unshare", `${CLONE.NEWNS}`),
    at(monitor, "mount", "", "/", "", `${MS.REC | MS.SLAVE}`),
    at(monitor, "loop-mount", "/c/upper.ext4", "/c/layer"),
    at(monitor, "root", "/c/layer"),
    at(monitor, "mkdir-at", "/upper"),
    at(monitor, "clone"),
  ];
  t.same(
    order,
    [...order].sort((a, b) => a - b),
  );
  t.ok(has(init, "root"), "init's own root is another");
});

t.test("user namespace", async (t) => {
  const mapped = { lower: ["/c/m0", "/c/m1"] };
  const userNamespace = { uid: 100_000, gid: 100_000, size: 65_536 };
  const { monitor, init } = plan({ userNamespace }, { mapped });
  t.same(monitor[at(monitor, "userns")]?.slice(2), ["0 100000 65536\n", "0 100000 65536\n"]);
  const order = [
    at(monitor, "userns"),
    at(monitor, "unshare", `${CLONE.NEWNS}`),
    at(monitor, "idmap-bind", "/l/2", "/c/m0"),
    at(monitor, "idmap-bind", "/l/1", "/c/m1"),
    at(monitor, "mount", "overlay", "/c/root", "overlay", "0", overlayData({ lower: mapped.lower, upper: "/c/upper", work: "/c/work" })),
    at(monitor, "clone"),
  ];
  t.same(
    order,
    [...order].sort((a, b) => a - b),
  );
  t.same(init[at(init, "mount", "/c/root", "/c/root")]?.[4], `${MS.BIND | MS.REC}`, "init binds what the monitor mounted");
  t.ok(at(init, "root") < at(init, "ns-root"));
  t.notOk(has(init, "bind-at"), "sources may be out of init's reach");
  const trees = monitor.filter(([name]) => name === "open-tree").map((operation) => operation[1]);
  t.same(
    init.filter(([name]) => name === "bind-tree-at").map((operation) => operation[1]),
    trees,
  );
  t.equal(new Set(trees).size, trees.length);
  const host = plan({ userNamespace }, { mapped, upperImage: { file: "/f", target: "/c/layer" } }).monitor;
  t.equal(host.filter(([name]) => name === "unshare").length, 1, "one private mount namespace is enough");
  t.same(host[at(host, "chown-at")]?.slice(1), ["/upper", "100000", "100000"]);
});

t.test("terminal, init, privileges", async (t) => {
  const { init } = plan({ tty: true, noNewPrivileges: true }, { init: true });
  t.ok(at(init, "touch-at", "/dev/console") < at(init, "pivot"));
  t.ok(at(init, "pivot") < at(init, "pty"));
  t.same(
    init.slice(-4).map(([name]) => name),
    ["become", "no-new-privs", "init", "exec"],
  );
  const plain = plan().init;
  for (const name of ["pty", "init", "no-new-privs", "remount-at-root"]) t.notOk(has(plain, name), name);
});

t.test("device nodes never land in a directory of the host", async (t) => {
  const bind = (source: string, target: string) => ({ type: "bind", source, target, readOnly: false, propagation: "rprivate" }) as const;
  const whole = plan({ tty: true, mounts: [bind("/dev", "/dev")] }).init;
  for (const name of ["mknod-at", "symlink-at", "touch-at"]) t.notOk(has(whole, name), name);
  const { init } = plan({ mounts: [bind("/dev/zero", "/dev/null")] });
  t.ok(at(init, "mknod-at", "/dev/null") < at(init, "bind-at", "/dev/zero", "/dev/null"), "a mount over a node covers it");
  t.ok(has(plan({ mounts: [{ type: "tmpfs", target: "/dev", options: [] }] }).init, "mknod-at"), "a tmpfs needs them");
});

t.test("a time namespace is made last before the clone, which has no flag for it", async (t) => {
  const { monitor } = plan({ timeNamespace: { offsetSeconds: 3600 } });
  t.same(monitor.slice(-3, -1), [
    ["unshare", "128"],
    ["write", "/proc/self/timens_offsets", "monotonic 3600 0\nboottime 3600 0\n"],
  ]);
  t.equal(Number(monitor.at(-1)?.[1]) & 128, 0);
  const unmoved = plan({ timeNamespace: { offsetSeconds: 0 } }).monitor;
  t.notOk(has(unmoved, "write"));
  t.same(unmoved.at(-2), ["unshare", "128"]);
});

t.test("the host's cgroup namespace: no other is made, v1 shows the container's own directory", async (t) => {
  const hierarchies = [{ name: "memory", options: "memory", source: "/cg/memory/tsns-x" }];
  const { init } = plan({ cgroupNamespace: "host" }, { cgroupMounts: { version: 1, hierarchies } });
  t.notOk(init.some(([name, flags]) => name === "unshare" && flags === `${CLONE.NEWCGROUP}`));
  t.same(init[at(init, "bind-at", "/cg/memory/tsns-x")]?.slice(2), ["/sys/fs/cgroup/memory", "15", "0", `${MS.PRIVATE}`]);
});

t.test("another container's shared memory is opened by the monitor in that one's mount namespace", async (t) => {
  const sharedMemory = { pid: 9, startTime: 77, path: "/proc/9/root/dev/shm" };
  const join = { ipc: "/proc/9/ns/ipc", sharedMemory: sharedMemory.path };
  const { monitor, init } = plan({ ipc: { mode: "container", container: "x" } }, { sharedMemory }, { join });
  t.same(monitor[at(monitor, "open-tree-pid")], ["open-tree-pid", "129", "9", "77", "/dev/shm"]);
  t.same(init[at(init, "bind-tree-at")]?.slice(0, 3), ["bind-tree-at", "129", "/dev/shm"]);
  t.notOk(init.some((operation) => operation[0] === "bind-at" && operation[1] === sharedMemory.path));
});

t.test("limits of the process stand after all that the helper does for it", async (t) => {
  const { init } = plan({ rlimits: [{ name: "nofile", soft: 1, hard: -1 }], oomScoreAdj: 5, domainname: "dom" });
  const limit = at(init, "rlimit", "7", "1", `${2n ** 64n - 1n}`);
  for (const name of ["user", "chdir", "caps", "oom-score-adj", "pivot"]) t.ok(at(init, name) < limit, name);
  t.ok(limit < at(init, "become"));
  t.ok(at(init, "domainname", "dom") < at(init, "barrier"));
});

t.test("a device's owner is the host's, but not in a user namespace, where the node itself is", async (t) => {
  const devices = [{ path: "/dev/x", type: "c", major: 1, minor: 2, fileMode: 0o600, uid: 0, gid: 29 } as const];
  const { init } = plan({}, {}, { devices });
  t.equal(at(init, "chown-at", "/dev/x", "0", "29"), at(init, "mknod-at", "/dev/x") + 1);
  const userNamespace = { uid: 1, gid: 2, size: 3 };
  const mapped = plan({ userNamespace }, { mapped: { lower: ["/m/2", "/m/1"] } }, { devices });
  t.notOk(has(mapped.init, "chown-at"));
});
