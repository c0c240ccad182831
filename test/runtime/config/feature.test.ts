// features.md and features-linux.md of the runtime specification: all that is told MUST be recognized.
import t from "tap";
import { runtimeFeatures } from "../../../src/runtime/config/feature.ts";
import { annotatedProperties } from "../../../src/runtime/systemd/annotation.ts";
import { configOf, warningsOf, wrongWith } from "../../fixture/oci-config.ts";

const features = runtimeFeatures("0.0.1");
const { linux } = features;

t.test("Specification version: both MUST be accepted", async (t) => {
  for (const ociVersion of [features.ociVersionMin, features.ociVersionMax]) {
    t.equal(configOf({ ociVersion }).ociVersion, ociVersion);
    t.same(warningsOf({ ociVersion }), []);
  }
});

t.test("Hooks", async (t) => {
  const config = configOf({ hooks: Object.fromEntries(features.hooks.map((point) => [point, [{ path: `/${point}` }]])) });
  t.same(
    Object.values(config.hooks).map((list) => list.length),
    [1, 1, 1, 1, 1, 1],
  );
});

t.test("Mount Options: every one that MUST be there", async (t) => {
  const must =
    "async atime bind defaults dev diratime dirsync exec iversion lazytime loud noatime nodev nodiratime noexec noiversion nolazytime norelatime nostrictatime nosuid private rbind relatime remount ro rprivate rshared rslave runbindable rw shared silent slave strictatime suid sync unbindable";
  t.same(
    must.split(" ").filter((word) => !features.mountOptions.includes(word)),
    [],
  );
});

t.test("Namespaces, Capabilities", async (t) => {
  const mappings = [{ containerID: 0, hostID: 0, size: 1 }];
  const config = { namespaces: linux.namespaces.map((type) => ({ type })), uidMappings: mappings, gidMappings: mappings };
  t.equal(configOf({ linux: config }).linux.namespaces.length, 8);
  t.same(warningsOf({ process: { capabilities: { bounding: linux.capabilities } } }), []);
});

t.test("Seccomp: actions, operators, archs, flags", async (t) => {
  const { actions, operators, archs, knownFlags, supportedFlags } = linux.seccomp;
  const seccomp = {
    defaultAction: "SCMP_ACT_ALLOW",
    listenerPath: "/a",
    architectures: archs,
    flags: supportedFlags,
    syscalls: [
      ...actions.map((action) => ({ names: ["mkdir"], action })),
      ...operators.map((op) => ({ names: ["rmdir"], action: "SCMP_ACT_ERRNO", args: [{ index: 0, value: 1, op }] })),
    ],
  };
  t.equal(wrongWith({ linux: { seccomp } }), "");
  t.equal(configOf({ linux: { seccomp } }).linux.seccomp?.profile.rules.length, actions.length + operators.length);
  t.same(
    supportedFlags.filter((name) => !knownFlags.includes(name)),
    [],
  );
});

t.test("what is said not to be there is refused", async (t) => {
  t.equal(linux.intelRdt.enabled, false);
  t.not(wrongWith({ linux: { intelRdt: {} } }), "");
  t.equal(linux.selinux.enabled, false);
  t.not(wrongWith({ linux: { mountLabel: "x" } }, { hasSelinux: true }), "");
});

t.test("Cgroup: both versions, made by whom they may be made", async (t) => {
  t.same(linux.cgroup, { v1: true, v2: true, systemd: true, systemdUser: true, rdma: true });
});

t.test("Unsafe annotations: what a configuration can have done outside of the container", async (t) => {
  t.same(features.potentiallyUnsafeConfigAnnotations, ["org.systemd.property."]);
  for (const prefix of features.potentiallyUnsafeConfigAnnotations)
    t.equal(annotatedProperties({ [`${prefix}CollectMode`]: "'inactive'" }).length, 1, "it is honoured");
});
