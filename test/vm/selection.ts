// Which tests run in the VM, and in which of the two that run at the same time. Starts nothing.
//
// A VM without hardware help is ten times slower than its machine, so only those tests run there whose outcome depends on
// what it has and a machine may lack: cgroup v2 with all controllers (limits, devices by BPF, freezer, kill, OOM, pressure),
// a systemd on it, AppArmor, ipvlan and links made for networks, and a kernel of its own (seccomp's system calls, namespaces, the time namespace, sysctls, capabilities that a
// machine inside a container has not). Images, registries, volumes, logs, networks and messages are the same there.

import type { Layout } from "./kernel.ts";

/** What has a meaning on one layout alone. */
const only: Readonly<Record<string, Layout>> = {
  "vm/runtime-v2": "v2",
  "vm/runtime-v2-process": "v2",
  "vm/runtime-v2-rootless": "v2",
  "vm/runtime-hybrid": "hybrid",
};

/** For each VM its files below test/, of about the same time together. */
export const selectionFor = (layout: Layout): readonly (readonly string[])[] =>
  all.map((files) => files.filter((file) => (only[file] ?? layout) === layout));

const all: readonly (readonly string[])[] = [
  [
    "vm/apparmor",
    "vm/runtime-v2", // the OCI runtime's groups: each limit, devices, freezer, kill, a delegated group
    "vm/runtime-v2-process",
    "vm/runtime-v2-rootless",
    "vm/runtime-hybrid",
    "e2e/container-why", // the kernel's evidence: OOM kills, throttling, pressure
    "e2e/container-escape-kernel",
    "root/cgroup-command",
    "root/cgroup-device-filter",
    "root/cgroup-io",
    "root/cgroup-limit",
    "root/cgroup-process",
    "e2e/container-limit",
    "e2e/container-security",
    "e2e/container-view", // stats and top, from the groups
    "e2e/container-isolation", // --time, --cgroupns, --cgroup-parent
    "e2e/network-macvlan", // links that many kernels lack
  ],
  [
    "vm/ipvlan",
    "e2e/oci-command",
    "e2e/container-device",
    "e2e/container-namespace",
    "e2e/container-restart", // a group is made anew, CLONE_INTO_CGROUP, process 1 of each run
    "e2e/container-seccomp",
    "e2e/container-change", // pause by cgroup.freeze, update of each limit
    "e2e/container-health",
    "e2e/container-exec",
    "e2e/container-kernel-option",
    "e2e/container-user-namespace",
    "e2e/cgroup-container",
    "e2e/ns-container",
    "root/namespace-list",
    "root/namespace-set",
    "root/check",
    "conformance/systemd", // limits of a scope: a machine with v1 shows systemd a v2 without controllers
    "conformance/systemd-user",
  ],
];
