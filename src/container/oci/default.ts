// What every container gets unless told otherwise: mounts, devices, masked and read-only paths, sysctls.
// The same set docker's default specification has, so that images find what they expect.
import type { IsolationSettings } from "../spec/isolation.ts";
import type { OciDevice, OciMount } from "./type.ts";

export const defaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** docker's. */
export const defaultShmBytes = 67_108_864;

const defaultMounts: readonly OciMount[] = [
  { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
  { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "strictatime", "mode=755", "size=65536k"] },
  {
    destination: "/dev/pts",
    type: "devpts",
    source: "devpts",
    options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
  },
  { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
  { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] },
  { destination: "/dev/shm", type: "tmpfs", source: "shm", options: ["nosuid", "noexec", "nodev", "mode=1777", `size=${defaultShmBytes}`] },
];

const sharedMemory = "/dev/shm";

/** The standard mounts of one container: what it has of shared memory goes with its ipc namespace. `sharedMemorySource`: another container's. */
export function standardMounts(
  { ipc, shmSizeBytes }: Pick<IsolationSettings, "ipc" | "shmSizeBytes">,
  sharedMemorySource?: string,
): readonly OciMount[] {
  if (ipc.mode === "none") return defaultMounts.filter((mount) => mount.destination !== sharedMemory);
  const source = ipc.mode === "host" ? sharedMemory : sharedMemorySource;
  return defaultMounts.map((mount) => {
    if (mount.destination !== sharedMemory) return mount;
    // mqueue shows the queues of the ipc namespace it is mounted in, so that only the shared memory has to be the other's own mount
    if (source !== undefined) return { destination: sharedMemory, type: "bind", source, options: ["rbind", "rprivate"] };
    return {
      ...mount,
      options: mount.options.map((option) => (option.startsWith("size=") ? `size=${shmSizeBytes || defaultShmBytes}` : option)),
    };
  });
}

/** Mounted after the process is in its cgroup, so that the cgroup namespace starts there. */
export const cgroupMount: OciMount = {
  destination: "/sys/fs/cgroup",
  type: "cgroup",
  source: "cgroup",
  options: ["nosuid", "noexec", "nodev", "ro"],
};

const device = (path: string, major: number, minor: number): OciDevice => ({ path, type: "c", major, minor, fileMode: 0o666 });

export const defaultDevices: readonly OciDevice[] = [
  device("/dev/null", 1, 3),
  device("/dev/zero", 1, 5),
  device("/dev/full", 1, 7),
  device("/dev/random", 1, 8),
  device("/dev/urandom", 1, 9),
  device("/dev/tty", 5, 0),
];

/** Symbolic links of /dev (config-linux.md, "Default Devices"). */
export const deviceLinks: readonly (readonly [target: string, path: string])[] = [
  ["/proc/self/fd", "/dev/fd"],
  ["/proc/self/fd/0", "/dev/stdin"],
  ["/proc/self/fd/1", "/dev/stdout"],
  ["/proc/self/fd/2", "/dev/stderr"],
  ["pts/ptmx", "/dev/ptmx"],
  ["/proc/kcore", "/dev/core"],
];

export const maskedPaths: readonly string[] = [
  "/proc/asound",
  "/proc/acpi",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/firmware",
  "/sys/devices/virtual/powercap",
];

export const readonlyPaths: readonly string[] = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/** Only in a network namespace of the container's own. */
export function networkSysctls(mappedIds = 2 ** 31): Readonly<Record<string, string>> {
  return { "net.ipv4.ip_unprivileged_port_start": "0", "net.ipv4.ping_group_range": `0 ${mappedIds - 1}` };
}
