// Which tests run in the VM, and in which of the two that run at the same time. Starts nothing.
//
// A VM without hardware help is ten times slower than its machine, so only those tests run there whose outcome depends on
// what it has and a machine may lack: cgroup v2 with all controllers (limits, devices by BPF, freezer, kill, OOM, pressure),
// AppArmor, ipvlan and links made for networks, and a kernel of its own (seccomp's system calls, namespaces, the time namespace, sysctls, capabilities that a
// machine inside a container has not). Images, registries, volumes, logs, networks and messages are the same there.

/** For each VM its files below test/, of about the same time together. */
export const selection: readonly (readonly string[])[] = [
  [
    "vm/apparmor",
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
  ],
];
