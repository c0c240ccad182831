// OCI config.json to the operation list of the native helper: the order of system calls that makes a container.
// Pure; what the helper does with each operation is in native/README.md.
import { CLONE, MOUNT_ATTR, MS, type Operation, type OperationList } from "../plan/operation.ts";
import { capabilityMask } from "./capability.ts";
import { parseMountOptions } from "./mount-option.ts";
import { deviceLinks } from "./oci/default.ts";
import type { OciConfig, OciMount, OciNamespace } from "./oci/type.ts";

/** What a container needs beyond config.json: where its layers, its monitor's files and its network are. */
export interface SandboxInput {
  /** Overlay on layers, uppermost first, below `rootPath` of the configuration. */
  readonly overlay: { readonly lower: readonly string[]; readonly upper: string; readonly work: string };
  /** A file system of its own for upper and work (the host image): image file and its mount point. */
  readonly upperImage?: { readonly file: string; readonly target: string };
  /** Operations before anything else: state, stdio, log, owner ... */
  readonly monitor: readonly Operation[];
  readonly cgroup: {
    readonly joins: readonly string[];
    readonly into?: string;
    readonly devices?: { readonly directory: string; readonly programHex: string };
  };
  readonly cgroupMounts: CgroupMounts;
  readonly network: { readonly monitor: readonly Operation[]; readonly init: readonly Operation[] };
  readonly init: boolean;
}

/** How cgroups look inside: one cgroup2 mount, or a tmpfs with one mount per v1 hierarchy (name to options). */
export type CgroupMounts =
  | { readonly version: 2 }
  | { readonly version: 1; readonly hierarchies: readonly { readonly name: string; readonly options: string }[] };

const firstJoinDescriptor = 110;
const cloneFlag: Readonly<Record<OciNamespace["type"], number>> = {
  mount: CLONE.NEWNS,
  pid: CLONE.NEWPID,
  network: CLONE.NEWNET,
  ipc: CLONE.NEWIPC,
  uts: CLONE.NEWUTS,
  user: CLONE.NEWUSER,
  cgroup: CLONE.NEWCGROUP,
};

/** The whole list for a new container. */
export function planSandbox(config: OciConfig, input: SandboxInput): OperationList {
  const joined = config.linux.namespaces.filter((namespace) => namespace.path);
  const fresh = config.linux.namespaces.filter((namespace) => !namespace.path && namespace.type !== "cgroup");
  const flags = fresh.reduce((sum, namespace) => sum + cloneFlag[namespace.type], 0);
  const pidJoin = joined.find((namespace) => namespace.type === "pid");
  return {
    monitor: [
      ...input.monitor,
      ...input.network.monitor,
      ...(input.upperImage ? upperImageOperations(input.upperImage.file, input.upperImage.target) : []),
      ...joined.map((namespace, at): Operation => ["open", `${firstJoinDescriptor + at}`, namespace.path ?? ""]),
      ...(pidJoin ? [["setns", `${firstJoinDescriptor + joined.indexOf(pidJoin)}`, `${CLONE.NEWPID}`] satisfies Operation] : []),
      ...(input.cgroup.devices
        ? [["cgroup-devices", input.cgroup.devices.directory, input.cgroup.devices.programHex] satisfies Operation]
        : []),
      ...input.cgroup.joins.map((file): Operation => ["cgroup-join", file]),
      ...(input.cgroup.into ? [["cgroup-fd", input.cgroup.into] satisfies Operation] : []),
      ...idMapOperations(config),
      ["clone", `${flags}`],
    ],
    init: [
      ...joined.flatMap((namespace, at): Operation[] =>
        namespace.type === "pid" ? [] : [["setns", `${firstJoinDescriptor + at}`, `${cloneFlag[namespace.type]}`]],
      ),
      ...input.network.init,
      ...rootOperations(config, input),
      ...config.mounts.filter((mount) => mount.type !== "cgroup").flatMap((mount) => mountOperations(mount)),
      ...deviceOperations(config),
      ...Object.entries(config.linux.sysctl).map(([key, value]): Operation => ["sysctl", key, value]),
      ...config.linux.maskedPaths.map((path): Operation => ["mask-at", path]),
      ...config.linux.readonlyPaths.map((path): Operation => ["readonly-at", path]),
      ...(config.hostname ? [["hostname", config.hostname] satisfies Operation] : []),
      ["barrier"],
      ["unshare", `${CLONE.NEWCGROUP}`],
      ...config.mounts.filter((mount) => mount.type === "cgroup").flatMap((mount) => cgroupOperations(mount, input.cgroupMounts)),
      ...(config.root.readonly ? [["remount-at", "/", `${MS.RDONLY}`] satisfies Operation] : []),
      ["pivot"],
      ...processOperations(config, input.init),
    ],
  };
}

/** The upper directory's own file system lives in the monitor's private mount namespace and dies with it. */
function upperImageOperations(file: string, target: string): Operation[] {
  return [
    ["unshare", `${CLONE.NEWNS}`],
    ["mount", "", "/", "", `${MS.REC | MS.SLAVE}`, ""],
    ["loop-mount", file, target, "ext4", ""],
    ["root", target],
    ["mkdir-at", "/upper", "755"],
    ["mkdir-at", "/work", "755"],
  ];
}

function idMapOperations(config: OciConfig): Operation[] {
  if (config.linux.uidMappings.length === 0) return [];
  const render = (maps: OciConfig["linux"]["uidMappings"]) => maps.map((map) => `${map.containerID} ${map.hostID} ${map.size}\n`).join("");
  return [["idmap", render(config.linux.uidMappings), render(config.linux.gidMappings)]];
}

function rootOperations(config: OciConfig, input: SandboxInput): Operation[] {
  const { lower, upper, work } = input.overlay;
  const propagation = config.linux.rootfsPropagation === "slave" ? MS.SLAVE : MS.PRIVATE;
  return [
    ["mount", "", "/", "", `${MS.REC | propagation}`, ""],
    ["mount", "overlay", config.root.path, "overlay", "0", overlayData(lower, upper, work)],
    ["root", config.root.path],
  ];
}

/** Options of an overlay mount; colons, commas and backslashes of paths are escaped (Documentation/filesystems/overlayfs.rst). */
export function overlayData(lower: readonly string[], upper: string, work: string): string {
  const escaped = (path: string) => path.replace(/[\\:,]/g, "\\$&");
  return `lowerdir=${lower.map(escaped).join(":")},upperdir=${escaped(upper)},workdir=${escaped(work)}`;
}

function mountOperations(mount: OciMount): Operation[] {
  const options = parseMountOptions(mount.options);
  if (options.bind) {
    const attributes =
      (options.flags & MS.RDONLY ? MOUNT_ATTR.RDONLY : 0) |
      (options.flags & MS.NOSUID ? MOUNT_ATTR.NOSUID : 0) |
      (options.flags & MS.NODEV ? MOUNT_ATTR.NODEV : 0) |
      (options.flags & MS.NOEXEC ? MOUNT_ATTR.NOEXEC : 0);
    return [
      ["bind-at", mount.source, mount.destination, `${attributes}`, options.recursive ? "1" : "0", `${options.propagation & ~MS.REC}`],
    ];
  }
  return [
    ["mkdir-at", mount.destination, "755"],
    ["mount-at", mount.source, mount.destination, mount.type, `${options.flags}`, options.data],
  ];
}

function cgroupOperations(mount: OciMount, view: CgroupMounts): Operation[] {
  const { flags } = parseMountOptions(mount.options);
  if (view.version === 2) return [["mount-at", "cgroup", mount.destination, "cgroup2", `${flags}`, ""]];
  const writable = flags & ~MS.RDONLY;
  return [
    ["mount-at", "tmpfs", mount.destination, "tmpfs", `${writable}`, "mode=755"],
    ...view.hierarchies.flatMap((hierarchy): Operation[] => [
      ["mkdir-at", `${mount.destination}/${hierarchy.name}`, "755"],
      ["mount-at", "cgroup", `${mount.destination}/${hierarchy.name}`, "cgroup", `${flags}`, hierarchy.options],
    ]),
    ...(flags & MS.RDONLY ? [["remount-at", mount.destination, `${flags}`] satisfies Operation] : []),
  ];
}

function deviceOperations(config: OciConfig): Operation[] {
  return [
    ...config.linux.devices.map((device): Operation => {
      const type = device.type === "b" ? 0o060000 : 0o020000;
      return ["mknod-at", device.path, (type | device.fileMode).toString(8), `${device.major}`, `${device.minor}`];
    }),
    ...deviceLinks.map(([target, path]): Operation => ["symlink-at", target, path]),
    ...(config.process.terminal ? [["touch-at", "/dev/console", "600"] satisfies Operation] : []),
  ];
}

function processOperations(config: OciConfig, init: boolean): Operation[] {
  const { process } = config;
  const size = process.consoleSize ?? { height: 0, width: 0 };
  return [
    ...(process.terminal ? [["pty", `${size.height}`, `${size.width}`] satisfies Operation] : []),
    ["keyring", "tsns"],
    ...(process.oomScoreAdj === undefined ? [] : [["oom-score-adj", `${process.oomScoreAdj}`] satisfies Operation]),
    ...credentialOperations(process, init),
  ];
}

/** Environment, user, directory, capabilities and the command: the end of `run` and of `exec` alike. */
export function credentialOperations(process: OciConfig["process"], init: boolean): Operation[] {
  const mask = (names: readonly string[]) => capabilityMask(names.map((name) => name.replace(/^CAP_/, ""))).toString(16);
  const { bounding, effective, permitted, inheritable, ambient } = process.capabilities;
  return [
    ...process.env.map((entry): Operation => ["env", entry]),
    ["caps", mask(bounding), mask(effective), mask(permitted), mask(inheritable), mask(ambient)],
    ["user", process.user.username || "0", process.user.additionalGroups.join(",")],
    ["chdir", process.cwd, "1"],
    ["umask", "0022"],
    ["become"],
    ...(process.noNewPrivileges ? [["no-new-privs"] satisfies Operation] : []),
    ...(init ? [["init"] satisfies Operation] : []),
    ["exec", process.args[0] ?? "", ...process.args.slice(1)],
  ];
}
