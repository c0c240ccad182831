// Spec to config.json: what each option changes in it.
import t from "tap";
import { type CompileInput, compileOci } from "../../../src/container/oci/compile.ts";
import { defaultDevices, maskedPaths, readonlyPaths } from "../../../src/container/oci/default.ts";
import type { MountSpec } from "../../../src/container/spec/storage.ts";
import type { ContainerSpec } from "../../../src/container/spec.ts";
import { makeSpec, testId } from "../../fixture/request.ts";

const input: CompileInput = {
  id: testId,
  rootPath: "/c/root",
  volumes: { data: "/v/data" },
  files: [
    { source: "/c/hosts", target: "/etc/hosts" },
    { source: "/c/resolv.conf", target: "/etc/resolv.conf" },
  ],
  boundingSet: (1n << 41n) - 1n,
  hostDevices: [
    { path: "/dev/null", type: "c", major: 1, minor: 3, fileMode: 0o600 },
    { path: "/dev/ptmx", type: "c", major: 5, minor: 2, fileMode: 0o666 },
    { path: "/dev/sda", type: "b", major: 8, minor: 0, fileMode: 0o660 },
  ],
  join: {},
  cgroupsPath: "/tsns",
};
const compile = (spec: Partial<ContainerSpec> = {}, more: Partial<CompileInput> = {}) => compileOci(makeSpec(spec), { ...input, ...more });
const bind = (source: string, target: string, more: object = {}): MountSpec => ({
  type: "bind",
  source,
  target,
  readOnly: false,
  propagation: "rprivate",
  ...more,
});

t.test("an ordinary container", async (t) => {
  const config = compile();
  t.same(
    config.linux.namespaces.map(({ type }) => type),
    ["mount", "cgroup", "pid", "ipc", "uts", "network"],
  );
  t.same(
    config.mounts.map(({ destination }) => destination),
    ["/proc", "/dev", "/dev/pts", "/sys", "/dev/mqueue", "/dev/shm", "/sys/fs/cgroup", "/etc/hosts", "/etc/resolv.conf"],
  );
  t.match(config, {
    hostname: testId.slice(0, 12),
    root: { path: "/c/root", readonly: false },
    linux: { devices: defaultDevices, maskedPaths, readonlyPaths, uidMappings: [], rootfsPropagation: "private" },
  });
  t.match(config.linux.sysctl, { "net.ipv4.ip_unprivileged_port_start": "0", "net.ipv4.ping_group_range": "0 2147483647" });
});

t.test("namespaces of the host and of others", async (t) => {
  const config = compile(
    { pid: { mode: "host" }, ipc: { mode: "container", container: "x" }, network: { mode: "host" }, uts: { mode: "host" } },
    { join: { ipc: "/proc/9/ns/ipc" } },
  );
  t.same(config.linux.namespaces, [{ type: "mount" }, { type: "cgroup" }, { type: "ipc", path: "/proc/9/ns/ipc" }]);
  t.notOk("hostname" in config, "the host's name is not set again");
  t.same(config.linux.sysctl, {}, "the host's network is not tuned");
  const shared = compile({ ipc: { mode: "host" } }).mounts.find((mount) => mount.destination === "/dev/shm");
  t.match(shared, { type: "bind", source: "/dev/shm" });
  t.same(compile({ network: { mode: "container", container: "x" } }, { join: { network: "/n" } }).linux.sysctl, {});
});

t.test("user namespace", async (t) => {
  const { linux } = compile({ userNamespace: { uid: 100_000, gid: 200_000, size: 1000 } });
  t.match(linux.uidMappings, [{ containerID: 0, hostID: 100_000, size: 1000 }]);
  t.match(linux.gidMappings, [{ containerID: 0, hostID: 200_000, size: 1000 }]);
  t.same(linux.namespaces.at(-1), { type: "user" });
  t.equal(linux.sysctl["net.ipv4.ping_group_range"], "0 999", "only ids that are mapped");
});

t.test("privileged", async (t) => {
  const { linux, mounts, process } = compile({ privileged: true });
  t.same([linux.maskedPaths, linux.readonlyPaths], [[], []]);
  t.same(
    linux.devices.slice(defaultDevices.length).map(({ path }) => path),
    ["/dev/sda"],
    "nodes that every container has are not made twice, links not overwritten",
  );
  t.notOk(mounts.some((mount) => mount.options.includes("ro")));
  t.equal(process.capabilities.effective.length, 41);
});

t.test("mounts of the user", async (t) => {
  const { mounts, linux } = compile({
    mounts: [
      bind("/host/deep", "/a/b", { readOnly: true }),
      { type: "tmpfs", target: "/a", options: ["size=1m", "exec"] },
      bind("/host/hosts", "/etc/hosts", { propagation: "rslave" }),
      bind("/host/shm", "/dev/shm"),
    ],
  });
  const at = (destination: string) => mounts.filter((mount) => mount.destination === destination);
  t.same(at("/a/b"), [{ destination: "/a/b", type: "bind", source: "/host/deep", options: ["rbind", "rprivate", "rro"] }]);
  t.same(at("/a")[0]?.options, ["nosuid", "nodev", "noexec", "size=1m", "exec"]);
  const order = mounts.map(({ destination }) => destination);
  t.ok(order.indexOf("/a") < order.indexOf("/a/b"), "an outer one first");
  t.match(at("/etc/hosts"), [{ source: "/host/hosts" }], "instead of the generated file");
  t.match(at("/dev/shm"), [{ source: "/host/shm" }], "instead of the default");
  t.equal(linux.rootfsPropagation, "slave");
});

t.test("a mount of the user's does not hide the generated files below it", async (t) => {
  const order = compile({ mounts: [bind("/host/etc", "/etc")] }).mounts.map(({ destination }) => destination);
  t.ok(order.indexOf("/etc") < order.indexOf("/etc/hosts"));
  const { mounts } = compile({ mounts: [bind("/host/etc", "/etc", { readOnly: true })] });
  t.notOk(
    mounts.some(({ destination }) => destination === "/etc/hosts"),
    "a read-only one may have nothing to mount it on",
  );
});

t.test("a /dev of the user's comes without the default mounts below it", async (t) => {
  const order = compile({ mounts: [bind("/dev", "/dev")] }).mounts.map(({ destination }) => destination);
  t.same(
    order.filter((path) => path.startsWith("/dev")),
    ["/dev"],
  );
});

t.test("process", async (t) => {
  const { process } = compile({
    tty: true,
    entrypoint: ["/e"],
    cmd: ["x"],
    env: ["PATH=/own", "TERM=dumb", "HOSTNAME", "EMPTY="],
    workingDirectory: "",
    noNewPrivileges: true,
  });
  t.same(process.env, ["PATH=/own", "TERM=dumb", "EMPTY="], "a bare name takes the variable away");
  t.match(process, { terminal: true, args: ["/e", "x"], cwd: "/", noNewPrivileges: true });
  t.match(compile().process.env, [/^PATH=/, `HOSTNAME=${testId.slice(0, 12)}`]);
});

t.test("only root has effective capabilities", async (t) => {
  const effective = (user: string) => compile({ user }).process.capabilities.effective.length > 0;
  for (const user of ["", "0", "root", "0:0", "root:daemon"]) t.ok(effective(user), user);
  for (const user of ["1", "daemon", "rootless", "1000:0"]) t.notOk(effective(user), user);
  t.ok(compile({ user: "1" }).process.capabilities.bounding.length > 0, "the bounding set stays, for setuid programs");
});

t.test("namespaces: cgroup and time as asked for, shared memory with the ipc namespace", async (t) => {
  const types = (spec: Partial<ContainerSpec>) => compile(spec).linux.namespaces.map(({ type }) => type);
  t.notOk(types({ cgroupNamespace: "host" }).includes("cgroup"));
  t.ok(types({ timeNamespace: { offsetSeconds: 0 } }).includes("time"));
  t.equal(compile({ timeNamespace: { offsetSeconds: 0 } }).linux.timeOffsets, undefined);
  const offset = { secs: -5, nanosecs: 0 };
  t.same(compile({ timeNamespace: { offsetSeconds: -5 } }).linux.timeOffsets, { monotonic: offset, boottime: offset });
  const shm = (spec: Partial<ContainerSpec>, more: Partial<CompileInput> = {}) =>
    compile(spec, more).mounts.find(({ destination }) => destination === "/dev/shm");
  t.match(shm({ shmSizeBytes: 4096 })?.options, ["nosuid", "noexec", "nodev", "mode=1777", "size=4096"]);
  t.match(shm({ ipc: { mode: "shareable" } })?.type, "tmpfs");
  t.equal(shm({ ipc: { mode: "none" } }), undefined);
  t.match(shm({ ipc: { mode: "host" } }), { type: "bind", source: "/dev/shm" });
  const join = { ipc: "/proc/9/ns/ipc", sharedMemory: "/proc/9/root/dev/shm" };
  t.match(shm({ ipc: { mode: "container", container: "x" } }, { join }), { type: "bind", source: "/proc/9/root/dev/shm" });
});

t.test("what the kernel lets it do", async (t) => {
  const config = compile({
    groupAdd: ["tty", "7"],
    oomScoreAdj: -3,
    rlimits: [{ name: "nofile", soft: 1, hard: -1 }],
    sysctls: { "net.ipv4.ip_unprivileged_port_start": "1024", "kernel.sem": "1" },
    domainname: "dom",
  });
  t.match(config.process, {
    user: { additionalGroups: ["tty", "7"] },
    oomScoreAdj: -3,
    rlimits: [{ type: "RLIMIT_NOFILE", soft: 1, hard: -1 }],
  });
  t.match(config.linux.sysctl, { "net.ipv4.ip_unprivileged_port_start": "1024", "kernel.sem": "1", "net.ipv4.ping_group_range": /^0 / });
  t.equal(config.domainname, "dom");
  t.notOk("domainname" in compile({ domainname: "dom", uts: { mode: "container", container: "x" } }));
  t.notOk("oomScoreAdj" in compile().process);
});

t.test("devices that were asked for replace others of their path, privileged or not", async (t) => {
  const asked = { path: "/dev/null", type: "c", major: 10, minor: 229, fileMode: 0o600, uid: 0, gid: 5 } as const;
  for (const privileged of [false, true]) {
    const { devices } = compile({ privileged }, { devices: [asked] }).linux;
    t.same(
      devices.filter(({ path }) => path === "/dev/null"),
      [asked],
    );
    t.equal(
      devices.some(({ path }) => path === "/dev/sda"),
      privileged,
    );
  }
});
