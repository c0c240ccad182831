// config-linux.md of the runtime specification: Devices, Cgroups Path, Sysctl, IntelRdt, Rootfs Mount Propagation, Masked Paths, Readonly Paths,
// Mount Label, Personality.
import t from "tap";
import { configOf, warningsOf, wrongWith } from "../../fixture/oci-config.ts";

const read = (linux: object) => configOf({ linux }).linux;
const wrong = (linux: object) => wrongWith({ linux });
const mount = { namespaces: [{ type: "mount" }] };

t.test("Devices: type, path, and numbers unless it is a fifo, are REQUIRED", async (t) => {
  const devices = [
    { path: "/dev/fuse", type: "c", major: 10, minor: 229, fileMode: 438, uid: 0, gid: 0 },
    { path: "/a/unbuffered", type: "u", major: 1, minor: 3, fileMode: 0o20666 },
    { path: "/dev/sda", type: "b", major: 8, minor: 0 },
    { path: "/run/fifo", type: "p" },
  ];
  t.same(read({ devices }).devices, [
    devices[0],
    { path: "/a/unbuffered", type: "c", major: 1, minor: 3, fileMode: 0o666 },
    devices[2],
    { path: "/run/fifo", type: "p", major: 0, minor: 0 },
  ]);
  t.equal(
    wrong({ devices: [{}] }),
    "linux.devices[0].path: is missing; linux.devices[0].type: is missing; linux.devices[0].major: is missing; linux.devices[0].minor: is missing",
  );
  t.match(wrong({ devices: [{ path: "/a", type: "d", major: 1, minor: 1 }] }), /type: "d" is none of c, b, u, p/);
  t.match(wrong({ devices: [{ path: "dev/a", type: "p" }] }), /path: "dev\/a" is not an absolute path/);
  t.match(wrong({ devices: [{ path: "/a", type: "c", major: 4096, minor: 2 ** 20 }] }), /major: 4096 .*minor: 1048576 /);
});

t.test("Cgroups Path: absolute or relative, as it is written", async (t) => {
  for (const cgroupsPath of ["/myRuntime/myContainer", "relative/path", "system.slice:tsns:c1"])
    t.equal(read({ cgroupsPath }).cgroupsPath, cgroupsPath);
  t.notOk("cgroupsPath" in read({ cgroupsPath: "" }));
  t.equal(wrong({ cgroupsPath: 1 }), "linux.cgroupsPath: is not a string");
});

t.test("Sysctl: only what is the container's own", async (t) => {
  const namespaces = ["network", "ipc", "uts"].map((type) => ({ type }));
  const sysctl = {
    "net.ipv4.ip_forward": "1",
    "net/ipv4/conf/eth0.5/forwarding": "1",
    "kernel.shmmax": "9",
    "fs.mqueue.msg_max": "9",
    "kernel.domainname": "d",
  };
  t.same(read({ namespaces, sysctl }).sysctl, sysctl);
  for (const key of ["net.ipv4.ip_forward", "net/ipv4/ip_forward"])
    t.match(wrong({ sysctl: { [key]: "1" } }), /^linux.sysctl\["net.*"\]: is the host's without a network namespace/);
  for (const key of ["kernel.shmmax", "kernel/sem", "fs.mqueue.msg_max"])
    t.match(wrong({ sysctl: { [key]: "1" } }), /is the host's without an ipc namespace/);
  for (const key of ["vm.swappiness", "kernel.core_pattern", "kernel.domainname", "network.x"])
    t.match(wrong({ sysctl: { [key]: "1" } }), /is the same for the whole host/);
  t.match(wrong({ namespaces, sysctl: { "kernel.hostname": "h" } }), /is set by hostname/);
  for (const key of ["net/../kernel/core_pattern", "net..x", "", "/etc/passwd", "net.a b"])
    t.match(wrong({ namespaces, sysctl: { [key]: "1" } }), /is not the name of a kernel setting/, key);
  t.match(wrong({ namespaces, sysctl: { "net.ipv4.ip_forward": 1 } }), /is not a string/);
});

t.test("Sysctl, Hostname: a namespace that is joined may be the host's", async (t) => {
  const namespaces = ["network", "ipc", "uts"].map((type) => ({ type, path: `/ns/${type}` }));
  const host = { hasSelinux: false, isOwnNamespace: (type: string, path: string) => path === `/ns/${type}` };
  const foreign = { ...host, isOwnNamespace: () => false };
  for (const key of ["net.ipv4.ip_forward", "kernel.shmmax", "kernel.domainname"]) {
    const linux = { namespaces, sysctl: { [key]: "1" } };
    t.match(wrongWith({ linux }, host), new RegExp(`^linux.sysctl\\["${key}"\\]: is the `), key);
    t.equal(wrongWith({ linux }, foreign), "");
  }
  t.match(wrongWith({ linux: { namespaces }, hostname: "h" }, host), /^hostname: needs a uts namespace of the container's own/);
  t.equal(wrongWith({ linux: { namespaces }, hostname: "h" }, foreign), "");
});

t.test("IntelRdt: refused", async (t) => {
  t.match(wrong({ intelRdt: { closID: "guaranteed_group" } }), /^linux.intelRdt: .*not supported/);
  t.equal(wrong({ intelRdt: null }), "");
});

t.test("Rootfs Mount Propagation: shared, slave, private or unbindable", async (t) => {
  for (const word of ["shared", "slave", "private", "unbindable"]) {
    t.equal(read({ rootfsPropagation: word }).rootfsPropagation, word);
    t.equal(read({ rootfsPropagation: `r${word}` }).rootfsPropagation, word, "as engines write it");
  }
  t.equal(read({ rootfsPropagation: "" }).rootfsPropagation, "slave");
  t.match(wrong({ rootfsPropagation: "public" }), /^linux.rootfsPropagation: "public" is none of private, shared, slave, unbindable/);
});

t.test("Masked Paths, Readonly Paths: MUST be absolute paths", async (t) => {
  for (const name of ["maskedPaths", "readonlyPaths"] as const) {
    t.same(read({ ...mount, [name]: ["/proc/kcore"] })[name], ["/proc/kcore"]);
    t.equal(wrong({ ...mount, [name]: ["proc/kcore"] }), `linux.${name}[0]: "proc/kcore" is not an absolute path`);
    t.match(wrong({ [name]: ["/proc/kcore"] }), new RegExp(`^linux.${name}: needs a mount namespace`));
    t.same(read({ [name]: [] })[name], []);
  }
});

t.test("Mount Label", async (t) => {
  const linux = { mountLabel: "system_u:object_r:svirt_sandbox_file_t:s0:c715,c811" };
  t.match(warningsOf({ linux }), [/^linux.mountLabel: there is no SELinux/]);
  t.equal(read(linux).mountLabel, linux.mountLabel);
  t.match(wrongWith({ linux }, { hasSelinux: true }), /^linux.mountLabel: .*not supported/);
});

t.test("Personality: domain REQUIRED, no flags yet", async (t) => {
  t.same(read({ personality: { domain: "LINUX32" } }).personality, { domain: "LINUX32", flags: [] });
  t.equal(wrong({ personality: {} }), "linux.personality.domain: is missing");
  t.match(wrong({ personality: { domain: "BSD" } }), /domain: "BSD" is none of LINUX, LINUX32/);
  t.match(wrong({ personality: { domain: "LINUX", flags: ["ADDR_NO_RANDOMIZE"] } }), /^linux.personality.flags: has entries/);
});

t.test("what comes from later versions is told", async (t) => {
  t.match(warningsOf({ linux: { netDevices: { eth0: {} } } }), [/^linux.netDevices: is newer/]);
});
