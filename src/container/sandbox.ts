// OCI config.json to the operation list of the native helper: the order of system calls that makes a container.
// Pure; what the helper does with each operation is in native/README.md.
import { CLONE, MOUNT_ATTR, MS, type Operation, type OperationList } from "../plan/operation.ts";
import { fitsPage, type OverlayLayers, overlayData, overlayPairs, relativeOverlay } from "../plan/overlay.ts";
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
}

/** How cgroups look inside: one cgroup2 mount, or a tmpfs with one mount per v1 hierarchy (name to options). */
export type CgroupMounts =
  | { readonly version: 2 }
  | { readonly version: 1; readonly hierarchies: readonly { readonly name: string; readonly options: string }[] };

const firstJoinDescriptor = 110;
const userNamespaceDescriptor = "120";
const firstTreeDescriptor = 130;
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
  // init is cloned inside the user namespace, which is there before it
  const fresh = config.linux.namespaces.filter((namespace) => !namespace.path && namespace.type !== "cgroup" && namespace.type !== "user");
  const flags = fresh.reduce((sum, namespace) => sum + cloneFlag[namespace.type], 0);
  const mounts = planMounts(config, input.mapped !== undefined);
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
      ...mounts.monitor,
      ...(input.mapped ? mappedRootOperations(config, input, input.mapped) : []),
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
      ["barrier"],
      ["unshare", `${CLONE.NEWCGROUP}`],
      ...config.mounts.filter((mount) => mount.type === "cgroup").flatMap((mount) => cgroupOperations(mount, input.cgroupMounts)),
      ...(config.root.readonly ? [["remount-at", "/", `${MS.RDONLY}`] satisfies Operation] : []),
      ["pivot"],
      ...processOperations(config, input.init),
    ],
  };
}

/** A mount namespace of the monitor's own, which still sees what the host unmounts. */
const privateMounts: readonly Operation[] = [
  ["unshare", `${CLONE.NEWNS}`],
  ["mount", "", "/", "", `${MS.REC | MS.SLAVE}`, ""],
];

/** The upper directory's own file system lives in the monitor's private mount namespace and dies with it. */
function upperImageOperations(file: string, target: string): Operation[] {
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
function mappedRootOperations(config: OciConfig, input: SandboxInput, mapped: NonNullable<SandboxInput["mapped"]>): Operation[] {
  const render = (maps: OciConfig["linux"]["uidMappings"]) => maps.map((map) => `${map.containerID} ${map.hostID} ${map.size}\n`).join("");
  const { lower, upper, work } = input.overlay;
  const [map] = config.linux.uidMappings;
  return [
    ["userns", userNamespaceDescriptor, render(config.linux.uidMappings), render(config.linux.gidMappings)],
    ...(input.upperImage ? [] : privateMounts),
    ...(input.upperImage ? [["chown-at", "/upper", `${map?.hostID ?? 0}`, `${map?.hostID ?? 0}`] satisfies Operation] : []),
    ...lower.map((source, at): Operation => ["idmap-bind", source, mapped.lower[at] ?? "", userNamespaceDescriptor]),
    overlayOperation(config.root.path, { lower: mapped.lower, upper, work }),
  ];
}

/** One call where mount(2) takes the options, which it does up to a page: 70 layers or so. */
function overlayOperation(target: string, layers: OverlayLayers): Operation {
  const data = overlayData(layers);
  if (fitsPage(data)) return ["mount", "overlay", target, "overlay", "0", data];
  const relative = relativeOverlay(layers);
  return ["overlay", target, relative?.directory ?? "/", relative?.data ?? "", ...overlayPairs(layers).flat()];
}

function rootOperations(config: OciConfig, input: SandboxInput): Operation[] {
  // What was mounted outside the user namespace is locked here; a bind of it can become the root (mount_namespaces(7)).
  const mount: Operation = input.mapped
    ? ["mount", config.root.path, config.root.path, "", `${MS.BIND | MS.REC}`, ""]
    : overlayOperation(config.root.path, input.overlay);
  const propagation = config.linux.rootfsPropagation === "slave" ? MS.SLAVE : MS.PRIVATE;
  return [
    ["mount", "", "/", "", `${MS.REC | propagation}`, ""],
    mount,
    ["root", config.root.path],
    ...(input.mapped ? [["ns-root"] satisfies Operation] : []),
  ];
}

/**
 * Mounts in order, device nodes as soon as there is a /dev: what is mounted over one later must be neither replaced nor followed, and
 * a /dev bound from the host has its own. Inside a user namespace the sources of binds are opened by the monitor: init may not reach them by path. */
function planMounts(config: OciConfig, mapped: boolean): OperationList {
  const mounts = config.mounts.filter((mount) => mount.type !== "cgroup");
  const plain = mounts.map((mount) => [...mountOperations(mount), ...(makesDevices(mount) ? deviceOperations(config) : [])]);
  if (!mapped) return { monitor: [], init: plain.flat() };
  const monitor: Operation[] = [];
  const init = plain.flat().map((operation): Operation => {
    const [name, source = "", target = "", attributes = "", recursive = "", propagation = ""] = operation;
    if (name !== "bind-at") return operation;
    const descriptor = `${firstTreeDescriptor + monitor.length}`;
    monitor.push(["open-tree", descriptor, source, recursive]);
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
    // Without a name: one with a name would be joined if another container had opened its own of that name to all (keyctl(2)).
    ["keyring", ""],
    ...(process.oomScoreAdj === undefined ? [] : [["oom-score-adj", `${process.oomScoreAdj}`] satisfies Operation]),
    ...credentialOperations(process, { init, makeDirectory: true }),
  ];
}

/** The end of a plan: `makeDirectory` makes a missing working directory, as the start of a container does and exec does not. */
export interface CredentialChoice {
  readonly init: boolean;
  readonly makeDirectory: boolean;
}

/** Environment, user, directory, capabilities and the command: the end of `run` and of `exec` alike. */
export function credentialOperations(process: OciConfig["process"], choice: CredentialChoice): Operation[] {
  const mask = (names: readonly string[]) => capabilityMask(names.map((name) => name.replace(/^CAP_/, ""))).toString(16);
  const { bounding, effective, permitted, inheritable, ambient } = process.capabilities;
  return [
    ...process.env.map((entry): Operation => ["env", entry]),
    ["caps", mask(bounding), mask(effective), mask(permitted), mask(inheritable), mask(ambient)],
    ["user", process.user.username || "0", process.user.additionalGroups.join(",")],
    ["chdir", process.cwd, choice.makeDirectory ? "1" : "0"],
    ["umask", "0022"],
    ["become"],
    ...(process.noNewPrivileges ? [["no-new-privs"] satisfies Operation] : []),
    ...(choice.init ? [["init"] satisfies Operation] : []),
    ["exec", process.args[0] ?? "", ...process.args.slice(1)],
  ];
}
