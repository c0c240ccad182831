// What is mounted below a container's root and which device nodes it gets, as operations of the native helper. Pure.
import { MOUNT_ATTR, MS, type Operation, type OperationList } from "../plan/operation.ts";
import { parseMountOptions } from "./mount-option.ts";
import { deviceLinks } from "./oci/default.ts";
import type { OciConfig, OciMount } from "./oci/type.ts";

/** How cgroups look inside: one cgroup2 mount, or a tmpfs with one mount per v1 hierarchy (name to options). */
export type CgroupMounts = { readonly version: 2 } | { readonly version: 1; readonly hierarchies: readonly CgroupHierarchy[] };

export interface CgroupHierarchy {
  readonly name: string;
  readonly options: string;
  /** In the host's cgroup namespace: the container's own directory, of which a container sees no more. */
  readonly source?: string;
}

/** Another container's shared memory: its process 1, when that was started, the path as the host sees it. */
export interface SharedMemory {
  readonly pid: number;
  readonly startTime: number;
  readonly path: string;
}

const firstTreeDescriptor = 130;
const sharedMemoryDescriptor = "129";

/**
 * Mounts in order, device nodes as soon as there is a /dev: what is mounted over one later must be neither replaced nor followed, and
 * a /dev bound from the host has its own. Inside a user namespace the sources of binds are opened by the monitor: init may not reach them by path;
 * and those that stay peers of the host's, of which init's own mounts are slaves at most.
 */
export function planMounts(config: OciConfig, mapped: boolean, sharedMemory?: SharedMemory): OperationList {
  const mounts = config.mounts.filter((mount) => mount.type !== "cgroup");
  const plain = mounts.map((mount) => [...mountOperations(mount), ...(makesDevices(mount) ? deviceOperations(config, mapped) : [])]);
  const monitor: Operation[] = [];
  const init = plain.flat().map((operation): Operation => {
    const [name, source = "", target = "", attributes = "", recursive = "", propagation = "", ...below] = operation;
    if (name !== "bind-at") return operation;
    // a mount of another mount namespace cannot be named from here
    if (source === sharedMemory?.path) {
      monitor.push(["open-tree-pid", sharedMemoryDescriptor, `${sharedMemory.pid}`, `${sharedMemory.startTime}`, target]);
      return ["bind-tree-at", sharedMemoryDescriptor, target, attributes, recursive, propagation];
    }
    // what a container of the volume changes must not lead the way out of it
    if (!mapped && below.length === 0 && propagation !== `${MS.SHARED}`) return operation;
    const descriptor = `${firstTreeDescriptor + monitor.length}`;
    monitor.push(["open-tree", descriptor, source, recursive, ...below]);
    return ["bind-tree-at", descriptor, target, attributes, recursive, propagation];
  });
  return { monitor, init };
}

const makesDevices = (mount: OciMount): boolean => mount.destination === "/dev" && mount.type !== "bind";

function mountOperations(mount: OciMount): Operation[] {
  const options = parseMountOptions(mount.options);
  if (options.bind) {
    const attributes =
      (options.flags & MS.RDONLY ? MOUNT_ATTR.RDONLY : 0) |
      (options.flags & MS.NOSUID ? MOUNT_ATTR.NOSUID : 0) |
      (options.flags & MS.NODEV ? MOUNT_ATTR.NODEV : 0) |
      (options.flags & MS.NOEXEC ? MOUNT_ATTR.NOEXEC : 0);
    const recursive = options.recursive ? (attributes & MOUNT_ATTR.RDONLY && !options.readOnlyBelow ? "2" : "1") : "0";
    const below = mount.subpath === undefined ? [] : [mount.subpath];
    return [["bind-at", mount.source, mount.destination, `${attributes}`, recursive, `${options.propagation & ~MS.REC}`, ...below]];
  }
  return [
    ["mkdir-at", mount.destination, "755"],
    ["mount-at", mount.source, mount.destination, mount.type, `${options.flags}`, options.data],
  ];
}

export function cgroupOperations(mount: OciMount, view: CgroupMounts): Operation[] {
  const { flags } = parseMountOptions(mount.options);
  if (view.version === 2) return [["mount-at", "cgroup", mount.destination, "cgroup2", `${flags}`, ""]];
  const writable = flags & ~MS.RDONLY;
  const attributes = (flags & MS.RDONLY ? MOUNT_ATTR.RDONLY : 0) | MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV | MOUNT_ATTR.NOEXEC;
  return [
    ["mount-at", "tmpfs", mount.destination, "tmpfs", `${writable}`, "mode=755"],
    ...view.hierarchies.flatMap((hierarchy): Operation[] => [
      ["mkdir-at", `${mount.destination}/${hierarchy.name}`, "755"],
      hierarchy.source === undefined
        ? ["mount-at", "cgroup", `${mount.destination}/${hierarchy.name}`, "cgroup", `${flags}`, hierarchy.options]
        : ["bind-at", hierarchy.source, `${mount.destination}/${hierarchy.name}`, `${attributes}`, "0", `${MS.PRIVATE}`],
    ]),
    ...(flags & MS.RDONLY ? [["remount-at", mount.destination, `${flags}`] satisfies Operation] : []),
  ];
}

/** `mapped`: in a user namespace nodes are the host's own, whose owner stays. */
function deviceOperations(config: OciConfig, mapped: boolean): Operation[] {
  return [
    ...config.linux.devices.flatMap((device): Operation[] => {
      const type = device.type === "b" ? 0o060000 : 0o020000;
      const { uid = 0, gid = 0 } = device;
      return [
        ["mknod-at", device.path, (type | device.fileMode).toString(8), `${device.major}`, `${device.minor}`],
        ...(!mapped && (uid !== 0 || gid !== 0) ? [["chown-at", device.path, `${uid}`, `${gid}`] satisfies Operation] : []),
      ];
    }),
    ...deviceLinks.map(([target, path]): Operation => ["symlink-at", target, path]),
    ...(config.process.terminal ? [["touch-at", "/dev/console", "600"] satisfies Operation] : []),
  ];
}
