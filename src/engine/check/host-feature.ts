// Features of cgroups, storage, security modules, capabilities, limits and programs.
import { capabilityNames } from "../../container/capability.ts";
import { type Feature, type Finding, native } from "./feature.ts";

const controller = (name: string, config: string, without: string, file?: { readonly v1: string; readonly v2: string }): Feature => ({
  name: `cgroup-${name}`,
  group: "cgroups",
  trial: { by: "controller", controller: name, ...(file ? { file } : {}) },
  without,
  get: `mount it, take cgroup_disable=${name} off the kernel's command line, or boot a kernel with ${config}`,
});

const cgroups: readonly Feature[] = [
  controller("memory", "CONFIG_MEMCG", "--memory fails, stats show no memory", { v1: "memory.limit_in_bytes", v2: "memory.max" }),
  {
    ...controller("memory", "CONFIG_MEMCG", "--memory-swap is dropped with a warning", {
      v1: "memory.memsw.limit_in_bytes",
      v2: "memory.swap.max",
    }),
    name: "cgroup-swap",
    get: "boot with swapaccount=1 on the kernel's command line",
  },
  controller("cpu", "CONFIG_CGROUP_SCHED", "--cpu-shares fails", { v1: "cpu.shares", v2: "cpu.weight" }),
  {
    ...controller("cpu", "CONFIG_CFS_BANDWIDTH", "--cpus and --cpu-quota fail", { v1: "cpu.cfs_quota_us", v2: "cpu.max" }),
    name: "cgroup-cpu-quota",
    get: "boot a kernel with CONFIG_CFS_BANDWIDTH",
  },
  controller("cpuset", "CONFIG_CPUSETS", "--cpuset-cpus and --cpuset-mems fail"),
  controller("pids", "CONFIG_CGROUP_PIDS", "--pids-limit fails", { v1: "pids.max", v2: "pids.max" }),
  controller("blkio", "CONFIG_BLK_CGROUP", "no limits of block I/O, stats show none", {
    v1: "blkio.throttle.read_bps_device",
    v2: "io.max",
  }),
  {
    name: "cgroup-devices",
    group: "cgroups",
    trial: { by: "controller", controller: "devices", file: { v1: "devices.allow", v2: "" } },
    without: "containers without --privileged do not start on v1",
    get: "boot a kernel with CONFIG_CGROUP_DEVICE, or with cgroup v2 and CONFIG_CGROUP_BPF",
  },
  {
    name: "cgroup-freezer",
    group: "cgroups",
    trial: { by: "controller", controller: "freezer", file: { v1: "freezer.state", v2: "cgroup.freeze" } },
    without: "tsns pause and cgroup freeze fail; a kill may miss what forks meanwhile",
    get: "boot a kernel with CONFIG_CGROUP_FREEZER, or with cgroup v2 (Linux 5.2)",
  },
  {
    name: "cgroup-kill",
    group: "cgroups",
    trial: { by: "controller", controller: "v2", file: { v1: "", v2: "cgroup.kill" } },
    without: "groups are frozen, killed and thawed until they are empty",
    get: "boot Linux 5.14 or newer with cgroup v2 (systemd.unified_cgroup_hierarchy=1)",
  },
  {
    name: "cgroup-v2-clone",
    group: "cgroups",
    trial: { by: "clone-into" },
    without: "on v2 no container starts; on v1 and hybrid hosts it is not used",
    get: "boot Linux 5.7 or newer with cgroup v2",
  },
  {
    name: "cgroup-device-bpf",
    group: "cgroups",
    trial: native("device-filter"),
    without: "on v2 containers without --privileged do not start; v1 needs none",
    get: "boot a kernel with CONFIG_BPF_SYSCALL and CONFIG_CGROUP_BPF",
  },
];

const storage: readonly Feature[] = [
  {
    name: "loop-devices",
    group: "storage",
    trial: native("loop"),
    without: "the host image and --storage-opt size have no writable layer",
    get: "modprobe loop (CONFIG_BLK_DEV_LOOP); inside a container its devices must be there",
  },
  {
    name: "quota",
    group: "storage",
    trial: native("quota"),
    without: "unneeded: sizes are limited with file systems in files",
    get: "boot a kernel with CONFIG_QUOTA",
  },
];

const file = (name: string, path: string, judge: (text: string) => Finding, missing: Finding, without: string, get: string): Feature => ({
  name,
  group: "security",
  trial: { by: "file", path, judge, missing },
  without,
  get,
});

const security: readonly Feature[] = [
  file(
    "apparmor",
    "/sys/module/apparmor/parameters/enabled",
    (text) => ({ state: text === "Y" ? "yes" : "no", how: `is ${text}` }),
    { state: "no", how: "is missing" },
    "--security-opt apparmor= is refused, containers run without a profile",
    "boot with lsm=...,apparmor (CONFIG_SECURITY_APPARMOR)",
  ),
  file(
    "selinux",
    "/sys/fs/selinux/enforce",
    (text) => ({ state: text === "1" ? "yes" : "limited", how: `is ${text}${text === "1" ? "" : ": permissive"}` }),
    { state: "no", how: "is missing" },
    "unneeded: tsns sets no labels, --security-opt label= is refused but for label=disable",
    "boot with lsm=...,selinux (CONFIG_SECURITY_SELINUX)",
  ),
  file(
    "yama",
    "/proc/sys/kernel/yama/ptrace_scope",
    (text) => ({ state: "yes", how: `is ${text}` }),
    { state: "no", how: "is missing" },
    "unneeded: what may trace what is decided by user and namespace",
    "boot with lsm=...,yama (CONFIG_SECURITY_YAMA)",
  ),
];

const essentialCapabilities: readonly string[] = ["SYS_ADMIN", "NET_ADMIN", "SETUID", "SETGID", "CHOWN", "DAC_OVERRIDE", "MKNOD"];

const capabilityLoss: Readonly<Record<string, string>> = {
  SYS_RESOURCE: "--ulimit above the present hard limit and an oom score below the present one only give a warning",
  SYS_MODULE: "modules are loaded by the kernel itself or not at all",
  SYS_PTRACE: "processes of other users are shown without their namespaces",
  BPF: "CAP_SYS_ADMIN stands in for it",
  PERFMON: "unneeded",
};

const capabilities: readonly Feature[] = capabilityNames.map((name) => ({
  name: `cap-${name.toLowerCase().replaceAll("_", "-")}`,
  group: "capabilities",
  trial: { by: "capability", name },
  essential: essentialCapabilities.includes(name),
  without:
    capabilityLoss[name] ??
    (essentialCapabilities.includes(name) ? "no container starts" : `containers cannot have it: --cap-add ${name} fails`),
  get: "run as root; inside a container start that one with this capability (--cap-add or --privileged)",
}));

const number = (minimum: number) => (text: string) => {
  const value = Number(text);
  return { state: value >= minimum ? "yes" : value > 0 ? "limited" : "no", how: `is ${text}` } as const;
};

const limits: readonly Feature[] = [
  {
    name: "max-user-namespaces",
    group: "limits",
    trial: { by: "file", path: "/proc/sys/user/max_user_namespaces", judge: number(100), missing: { state: "no", how: "is missing" } },
    without: "as many user namespaces as it says",
    get: "sysctl user.max_user_namespaces=15000",
  },
  {
    name: "max-net-namespaces",
    group: "limits",
    trial: { by: "file", path: "/proc/sys/user/max_net_namespaces", judge: number(100), missing: { state: "no", how: "is missing" } },
    without: "as many containers with a network of their own as it says",
    get: "sysctl user.max_net_namespaces=15000",
  },
  {
    name: "pid-max",
    group: "limits",
    trial: { by: "file", path: "/proc/sys/kernel/pid_max", judge: number(32_768), missing: { state: "no", how: "is missing" } },
    without: "as many processes as it says",
    get: "sysctl kernel.pid_max=4194304",
  },
  {
    name: "inotify-instances",
    group: "limits",
    trial: { by: "file", path: "/proc/sys/fs/inotify/max_user_instances", judge: number(128), missing: { state: "no", how: "is missing" } },
    without: "programs that watch files fail when many containers do",
    get: "sysctl fs.inotify.max_user_instances=1024",
  },
];

const program = (names: readonly string[], essential: boolean, without: string, get: string): Feature => ({
  name: `program-${names[0] ?? ""}`,
  group: "programs",
  trial: { by: "program", names },
  essential,
  without,
  get,
});

const programs: readonly Feature[] = [
  program(["iptables", "iptables-restore", "iptables-save"], true, "networks fail; use --network host or none", "apt-get install iptables"),
  program(["ip6tables", "ip6tables-restore", "ip6tables-save"], false, "IPv6 networks fail", "apt-get install iptables"),
  program(["mkfs.ext4"], false, "the host image has no writable layer", "apt-get install e2fsprogs"),
  program(["mmdebstrap"], false, "tsns image bootstrap fails", "apt-get install mmdebstrap"),
  program(["xz"], false, "archives packed with xz cannot be imported", "apt-get install xz-utils"),
  program(["bzip2"], false, "archives packed with bzip2 cannot be imported", "apt-get install bzip2"),
  program(["modprobe"], false, "modules are loaded by the kernel itself or not at all", "apt-get install kmod"),
];

export const hostFeatures: readonly Feature[] = [...cgroups, ...storage, ...security, ...capabilities, ...limits, ...programs];
