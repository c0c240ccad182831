// Features of namespaces, mounts and processes.
import { type Feature, native } from "./feature.ts";

const namespaceUse: Readonly<Record<string, readonly [config: string, without: string, essential: boolean]>> = {
  cgroup: ["CONFIG_CGROUPS", "containers see the host's cgroup paths", false],
  ipc: ["CONFIG_IPC_NS", "no container starts unless with --ipc host", true],
  mnt: ["CONFIG_NAMESPACES", "no container starts", true],
  net: ["CONFIG_NET_NS", "no container starts unless with --network host", true],
  pid: ["CONFIG_PID_NS", "no container starts unless with --pid host", true],
  time: ["CONFIG_TIME_NS, since Linux 5.6", "tsns ns create --time fails; containers do not use it", false],
  user: ["CONFIG_USER_NS, and user.max_user_namespaces above 0", "no --userns, no containers of ordinary users", false],
  uts: ["CONFIG_UTS_NS", "no container starts unless with --uts host", true],
};

const namespaces: readonly Feature[] = Object.entries(namespaceUse).map(([kind, [config, without, essential]]) => ({
  name: `namespace-${kind}`,
  group: "namespaces",
  trial: native(`namespace:${kind}`),
  essential,
  without,
  get: `boot a kernel with ${config}`,
}));

const unprivileged: Feature = {
  name: "unprivileged-userns",
  group: "namespaces",
  trial: native("unprivileged-userns"),
  without: "ordinary users make no user namespaces",
  get: "sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0, user.max_user_namespaces=15000, whichever the kernel has",
};

const overlayWithout = "unneeded: tsns mounts overlay without it";

const mounts: readonly Feature[] = [
  {
    name: "overlay",
    group: "mounts",
    trial: native("overlay"),
    essential: true,
    without: "no container starts, no layer is stacked",
    get: "modprobe overlay (CONFIG_OVERLAY_FS)",
  },
  {
    name: "overlay-metacopy",
    group: "mounts",
    trial: native("overlay:metacopy=on"),
    without: "a change of mode or owner copies the whole file up",
    get: "boot Linux 4.19 or newer",
  },
  { name: "overlay-index", group: "mounts", trial: native("overlay:index=on"), without: overlayWithout, get: "boot Linux 4.13 or newer" },
  {
    name: "overlay-redirect",
    group: "mounts",
    trial: native("overlay:redirect_dir=on"),
    without: "renaming a directory of a lower layer fails with EXDEV, and programs copy it",
    get: "boot Linux 4.10 or newer",
  },
  {
    name: "overlay-volatile",
    group: "mounts",
    trial: native("overlay:volatile"),
    without: overlayWithout,
    get: "boot Linux 5.10 or newer",
  },
  {
    name: "overlay-userns",
    group: "mounts",
    trial: native("overlay-user"),
    without: "root mounts the layers of containers with --userns; ordinary users cannot",
    get: "boot Linux 5.11 or newer",
  },
  {
    name: "overlay-on-overlay",
    group: "mounts",
    trial: native("overlay-nested"),
    without: "images that lie on an overlay file system cannot be stacked: put the data root on another (--root)",
    get: "no more than two overlays may be nested in any kernel; use a data root on a real file system",
  },
  {
    name: "overlay-upper-on-overlay",
    group: "mounts",
    trial: native("overlay-upper"),
    without: "the writable layer must lie on another file system: put the data root on one (--root)",
    get: "no kernel has it; inside a container use a volume or tmpfs as data root",
  },
  {
    name: "idmap-tmpfs",
    group: "mounts",
    trial: native("idmap:tmpfs"),
    without: "tmpfs cannot be bound with other owners into a user namespace",
    get: "boot Linux 6.3 or newer",
  },
  {
    name: "idmap-overlay",
    group: "mounts",
    trial: native("idmap:overlay"),
    without: "layers are bound with other owners one by one below overlay",
    get: "no kernel up to 6.18 has it",
  },
  {
    name: "open_tree",
    group: "mounts",
    trial: native("mount-call:open_tree"),
    essential: true,
    without: "no container starts",
    get: "boot Linux 5.2 or newer",
  },
  {
    name: "move_mount",
    group: "mounts",
    trial: native("mount-call:move_mount"),
    essential: true,
    without: "no container starts, no bind mount into a running one",
    get: "boot Linux 5.2 or newer",
  },
  {
    name: "mount_setattr",
    group: "mounts",
    trial: native("mount-call:mount_setattr"),
    essential: true,
    without: "no container starts",
    get: "boot Linux 5.12 or newer",
  },
  { name: "fsopen", group: "mounts", trial: native("fsopen"), without: "unneeded: tsns uses mount(2)", get: "boot Linux 5.2 or newer" },
  {
    name: "listmount",
    group: "mounts",
    trial: native("listmount"),
    without: "mounts of other namespaces are read from /proc/PID/mountinfo",
    get: "boot Linux 6.8 or newer",
  },
  {
    name: "fuse",
    group: "mounts",
    trial: native("fuse"),
    without: "no FUSE file systems inside containers",
    get: "modprobe fuse (CONFIG_FUSE_FS)",
  },
];

const since = (version: string) => `boot Linux ${version} or newer; inside a container its seccomp profile must allow it`;

const processes: readonly Feature[] = [
  { name: "clone3", group: "processes", trial: native("clone3"), essential: true, without: "no container starts", get: since("5.3") },
  { name: "pidfd", group: "processes", trial: native("pidfd"), essential: true, without: "no exec into containers", get: since("5.3") },
  {
    name: "openat2",
    group: "processes",
    trial: native("openat2"),
    essential: true,
    without: "no container starts: paths of images are never resolved outside their root",
    get: since("5.6"),
  },
  {
    name: "close_range",
    group: "processes",
    trial: native("close_range"),
    without: "descriptors are closed one by one",
    get: since("5.11"),
  },
  {
    name: "seccomp",
    group: "processes",
    trial: native("seccomp"),
    essential: true,
    without: "no container starts unless with --security-opt seccomp=unconfined or --privileged",
    get: "boot a kernel with CONFIG_SECCOMP_FILTER",
  },
  {
    name: "seccomp-notify",
    group: "processes",
    trial: native("seccomp:notify"),
    without: "unneeded: profiles with SCMP_ACT_NOTIFY are refused, as tsns answers no system calls of containers",
    get: since("5.0"),
  },
  {
    name: "io_uring",
    group: "processes",
    trial: native("io_uring"),
    without: "unneeded; programs fall back to other calls",
    get: "sysctl kernel.io_uring_disabled=0 (CONFIG_IO_URING)",
  },
  {
    name: "session-keyring",
    group: "processes",
    trial: native("keyring"),
    without: "containers share the session keyring of whoever starts them",
    get: "boot a kernel with CONFIG_KEYS",
  },
  {
    name: "pty",
    group: "processes",
    trial: native("pty"),
    without: "no terminals: tsns run -t fails",
    get: "boot a kernel with CONFIG_UNIX98_PTYS",
  },
];

export const kernelFeatures: readonly Feature[] = [...namespaces, unprivileged, ...mounts, ...processes];
