// OCI config.json to the operation list of the native helper: the order of system calls that makes a container.
// Pure; what the helper does with each operation is in native/README.md.
import { CLONE, cloneFlag, MS, type Operation, type OperationList } from "../plan/operation.ts";
import { fitsPage, type OverlayLayers, overlayData, overlayPairs, relativeOverlay } from "../plan/overlay.ts";
import type { OciConfig } from "./oci/type.ts";
import { type CgroupMounts, cgroupOperations, planMounts, type SharedMemory } from "./sandbox-mount.ts";
import { type Confinement, processOperations } from "./sandbox-process.ts";

/** What a container needs beyond config.json: where its layers, its monitor's files and its network are. */
export interface SandboxInput {
  /** Overlay on layers, uppermost first, below `rootPath` of the configuration. */
  readonly overlay: { readonly lower: readonly string[]; readonly upper: string; readonly work: string };
  /** What is written goes with the container: its end need not wait for the disk (overlayfs `volatile`, Linux 5.10). */
  readonly volatile?: boolean;
  /** A file system of its own for upper and work (the host image): image file and its mount point. */
  readonly upperImage?: { readonly file: string; readonly target: string };
  /** Operations before anything else: state, stdio, log, owner ... */
  readonly monitor: readonly Operation[];
  /** Mount points for the lower directories seen through the id map of a user namespace; upper belongs to its root already. */
  readonly mapped?: { readonly lower: readonly string[] };
  readonly cgroup: {
    readonly joins: readonly string[];
    readonly into?: string;
    readonly devices?: { readonly directory: string; readonly programHex: string };
  };
  readonly cgroupMounts: CgroupMounts;
  readonly network: { readonly monitor: readonly Operation[]; readonly init: readonly Operation[] };
  readonly init: boolean;
  /** The container whose /dev/shm is mounted: process 1 and when it was started. */
  readonly sharedMemory?: SharedMemory;
  readonly confinement: Confinement;
}

const firstJoinDescriptor = 110;
const userNamespaceDescriptor = "120";

/** The whole list for a new container. */
export function planSandbox(config: OciConfig, input: SandboxInput): OperationList {
  const joined = config.linux.namespaces.filter((namespace) => namespace.path);
  // init is cloned inside the user namespace and into the time namespace, which are there before it
  const fresh = config.linux.namespaces.filter((namespace) => !namespace.path && !["cgroup", "user", "time"].includes(namespace.type));
  const flags = fresh.reduce((sum, namespace) => sum + cloneFlag[namespace.type], 0);
  const mounts = planMounts(config, input.mapped !== undefined, input.sharedMemory);
  const pidJoin = joined.find((namespace) => namespace.type === "pid");
  return {
    monitor: [
      ...input.monitor,
      ...input.network.monitor,
      // Before the monitor has mounts of its own: a tree opened from those is no peer of the host's any more.
      ...mounts.monitor,
      ...(input.upperImage ? upperImageOperations(input.upperImage.file, input.upperImage.target) : []),
      ...joined.map((namespace, at): Operation => ["open", `${firstJoinDescriptor + at}`, namespace.path ?? ""]),
      ...(pidJoin ? [["setns", `${firstJoinDescriptor + joined.indexOf(pidJoin)}`, `${CLONE.NEWPID}`] satisfies Operation] : []),
      ...(input.cgroup.devices
        ? [["cgroup-devices", input.cgroup.devices.directory, input.cgroup.devices.programHex] satisfies Operation]
        : []),
      ...input.cgroup.joins.map((file): Operation => ["cgroup-join", file]),
      ...(input.cgroup.into ? [["cgroup-fd", input.cgroup.into] satisfies Operation] : []),
      ...(input.mapped ? mappedRootOperations(config, input, input.mapped) : []),
      ...timeOperations(config),
      ["clone", `${flags}`],
    ],
    init: [
      ...joined.flatMap((namespace, at): Operation[] =>
        namespace.type === "pid" ? [] : [["setns", `${firstJoinDescriptor + at}`, `${cloneFlag[namespace.type]}`]],
      ),
      ...input.network.init,
      ...rootOperations(config, input),
      ...mounts.init,
      ...Object.entries(config.linux.sysctl).map(([key, value]): Operation => ["sysctl", key, value]),
      ...config.linux.maskedPaths.map((path): Operation => ["mask-at", path]),
      ...config.linux.readonlyPaths.map((path): Operation => ["readonly-at", path]),
      ...(config.hostname ? [["hostname", config.hostname] satisfies Operation] : []),
      ...(config.domainname ? [["domainname", config.domainname] satisfies Operation] : []),
      ["barrier"],
      ...(config.linux.namespaces.some((namespace) => namespace.type === "cgroup")
        ? [["unshare", `${CLONE.NEWCGROUP}`] satisfies Operation]
        : []),
      ...config.mounts.filter((mount) => mount.type === "cgroup").flatMap((mount) => cgroupOperations(mount, input.cgroupMounts)),
      ...(config.root.readonly ? readOnlyRootOperations(config.process.cwd) : []),
      ["pivot"],
      ...processOperations(config, input.init, input.confinement),
    ],
  };
}

/** A working directory that is missing can only be made before. */
function readOnlyRootOperations(workingDirectory: string): Operation[] {
  return [
    ...(workingDirectory === "/" ? [] : [["mkdir-at", workingDirectory, "755"] satisfies Operation]),
    ["remount-at", "/", `${MS.RDONLY}`],
  ];
}

/** Children of the monitor are in the time namespace, it itself is not (time_namespaces(7)). */
function timeOperations({ linux: { namespaces, timeOffsets } }: OciConfig): Operation[] {
  if (!namespaces.some((namespace) => namespace.type === "time")) return [];
  const lines = Object.entries(timeOffsets ?? {}).map(([clock, { secs, nanosecs }]) => `${clock} ${secs} ${nanosecs}\n`);
  return [
    ["unshare", `${CLONE.NEWTIME}`],
    ...(lines.length > 0 ? [["write", "/proc/self/timens_offsets", lines.join("")] satisfies Operation] : []),
  ];
}

/** A mount namespace of the monitor's own, which still sees what the host unmounts. */
export const privateMounts: readonly Operation[] = [
  ["unshare", `${CLONE.NEWNS}`],
  ["mount", "", "/", "", `${MS.REC | MS.SLAVE}`, ""],
];

/** The upper directory's own file system lives in the monitor's private mount namespace and dies with it. */
export function upperImageOperations(file: string, target: string): Operation[] {
  return [
    ...privateMounts,
    ["loop-mount", file, target, "ext4", ""],
    ["root", target],
    ["mkdir-at", "/upper", "755"],
    ["mkdir-at", "/work", "755"],
  ];
}

/**
 * The user namespace and the root file system as it sees it: overlay itself cannot be mapped, its lower layers can (Linux 5.19). Made in
 * the monitor's private mount namespace, of which init gets a copy.
 */
export function mappedRootOperations(
  config: OciConfig,
  input: Pick<SandboxInput, "overlay" | "volatile" | "upperImage">,
  mapped: NonNullable<SandboxInput["mapped"]>,
): Operation[] {
  const render = (maps: OciConfig["linux"]["uidMappings"]) => maps.map((map) => `${map.containerID} ${map.hostID} ${map.size}\n`).join("");
  const { lower, upper, work } = input.overlay;
  const [map] = config.linux.uidMappings;
  const [groupMap] = config.linux.gidMappings;
  return [
    ["userns", userNamespaceDescriptor, render(config.linux.uidMappings), render(config.linux.gidMappings)],
    ...(input.upperImage ? [] : privateMounts),
    ...(input.upperImage ? [["chown-at", "/upper", `${map?.hostID ?? 0}`, `${groupMap?.hostID ?? 0}`] satisfies Operation] : []),
    ...lower.map((source, at): Operation => ["idmap-bind", source, mapped.lower[at] ?? "", userNamespaceDescriptor]),
    overlayOperation(config.root.path, { lower: mapped.lower, upper, work }, input.volatile),
  ];
}

/** One call where mount(2) takes the options, which it does up to a page: 70 layers or so. */
export function overlayOperation(target: string, layers: OverlayLayers, volatile = false): Operation {
  const options = volatile ? ["volatile"] : [];
  const data = overlayData(layers, options);
  if (fitsPage(data)) return ["mount", "overlay", target, "overlay", "0", data];
  const relative = relativeOverlay(layers, options);
  return ["overlay", target, relative?.directory ?? "/", relative?.data ?? "", ...overlayPairs(layers, options).flat()];
}

export function rootOperations(config: OciConfig, input: Pick<SandboxInput, "overlay" | "volatile" | "mapped">): Operation[] {
  // What was mounted outside the user namespace is locked here; a bind of it can become the root (mount_namespaces(7)).
  const mount: Operation = input.mapped
    ? ["mount", config.root.path, config.root.path, "", `${MS.BIND | MS.REC}`, ""]
    : overlayOperation(config.root.path, input.overlay, input.volatile);
  const propagation = config.linux.rootfsPropagation === "slave" ? MS.SLAVE : MS.PRIVATE;
  return [
    ["mount", "", "/", "", `${MS.REC | propagation}`, ""],
    mount,
    ["root", config.root.path],
    ...(input.mapped ? [["ns-root"] satisfies Operation] : []),
  ];
}
