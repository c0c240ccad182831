// Which tests run in the VM, and in which of the two that run at the same time. Starts nothing.
//
// A VM without hardware help is ten times slower than its machine, so only those tests run there whose outcome depends on
// what it has and a machine may lack: cgroup v2 with all controllers (limits, devices by BPF, freezer, kill, OOM, pressure),
// AppArmor, and a kernel of its own (seccomp's system calls, namespaces, the time namespace, sysctls, capabilities that a
// machine inside a container has not). Images, registries, volumes, logs and networks are the same there.

/** For each VM its files below test/, of about the same time together. */
export const selection: readonly (readonly string[])[] = [["root/cgroup-command"], ["vm/apparmor"]];
