// A configuration to the operation list of the native helper: the order of system calls that makes a container which waits to be started. Pure; what
// the helper does with each operation is in native/README.md.
import { resolve } from "node:path";
import { joinFile } from "../../cgroup/join.ts";
import { CLONE, MOUNT_ATTR, MS, type Operation, type OperationList } from "../../plan/operation.ts";
import type { HookPoint } from "../config/hook.ts";
import type { RuntimeConfig } from "../config/type.ts";
import { hookOperations, type Told } from "./hook.ts";
import { planRuntimeMounts } from "./mount.ts";
import { hasOwn, isMadeByRoot, isNew, planNamespaces } from "./namespace.ts";
import type { GroupEntry, RuntimePlace } from "./place.ts";
import { allProcessors, oomOperations, personalityOperations, runtimeProcessOperations } from "./process.ts";
import { listenerOperations, seccompOperations } from "./seccomp.ts";
import { socketOperations } from "./socket.ts";

export function planRuntime(config: RuntimeConfig, place: RuntimePlace): OperationList {
  const namespaces = planNamespaces(config);
  const { into } = place.groups;
  const sight = { mounts: place.cgroupMounts, hasNamespace: hasOwn(config, "cgroup"), ...(into === undefined ? {} : { directory: into }) };
  const mounts = planRuntimeMounts(config, sight, {
    isUnprivileged: place.isUnprivileged ?? false,
    ...(place.lackingNodes ? { lackingNodes: place.lackingNodes } : {}),
    roots: [place.rootfs, resolve(place.bundle, config.root.path)],
  });
  const told = toldOf(config, place);
  const hooksOf = (point: HookPoint, env: readonly string[]) => hookOperations(config.hooks, point, told, env);
  const early = [...hooksOf("prestart", place.env), ...hooksOf("createRuntime", place.env)];
  return {
    monitor: [
      ["stdio", config.process?.terminal ? "pty" : "inherit"],
      ["gate", place.gate],
      ...socketOperations(place.sockets, "standard"),
      ...listenerOperations(config),
      ...groupOperations(place.groups),
      ...mounts.monitor,
      ...early.map((hook): Operation => ["meet", ...hook]),
      ...namespaces.monitor,
      namespaces.clone,
    ],
    init: [
      ...namespaces.init,
      ...rootOperations(config, place),
      ...mounts.init,
      ...Object.entries(config.linux.sysctl).map(([key, value]): Operation => ["sysctl", key, value]),
      ...(config.hostname === undefined ? [] : [["hostname", config.hostname] satisfies Operation]),
      ...(config.domainname === undefined ? [] : [["domainname", config.domainname] satisfies Operation]),
      ["barrier"],
      allProcessors,
      ...(isNew(config, "cgroup") ? [["unshare", `${CLONE.NEWCGROUP}`] satisfies Operation] : []),
      ...mounts.grouped,
      ...mounts.last,
      ...config.linux.maskedPaths.map((path): Operation => ["mask-at", path]),
      ...config.linux.readonlyPaths.map((path): Operation => ["readonly-at", path]),
      ...(early.length > 0 ? [["meet"] satisfies Operation] : []),
      ...hooksOf("createContainer", config.process?.env ?? []),
      ...(config.root.readonly ? readOnlyRoot(config) : []),
      ...enterRoot(config, place),
      ...processOf(config, place),
    ],
  };
}

const toldOf = ({ ociVersion, annotations }: RuntimeConfig, { id, bundle }: RuntimePlace): Told => ({
  ociVersion,
  id,
  bundle,
  annotations,
});

export const groupOperations = ({ joins, into, moves, devices }: GroupEntry): Operation[] => [
  ...(devices ? [["cgroup-devices", devices.directory, devices.programHex] satisfies Operation] : []),
  ...joins.map((file): Operation => ["cgroup-join", file]),
  ...(into === undefined ? [] : [(moves ? ["cgroup-join", joinFile("v2", into)] : ["cgroup-fd", into]) satisfies Operation]),
];

/** The root becomes a mount of its own, whatever it is: pivot_root(2) wants one. Among the host's mounts it is one only to be read-only. */
function rootOperations(config: RuntimeConfig, { rootfs }: RuntimePlace): Operation[] {
  const isMapped = hasOwn(config, "user") ? asRoot(config) : [];
  const own: Operation = ["mount", rootfs, rootfs, "", `${MS.BIND | MS.REC}`, ""];
  if (!hasOwn(config, "mount")) return [...(config.root.readonly ? [own] : []), ["root", rootfs], ...isMapped];
  const { rootfsPropagation } = config.linux;
  const outer = rootfsPropagation === "private" || rootfsPropagation === "unbindable" ? MS.PRIVATE : MS.SLAVE;
  return [["mount", "", "/", "", `${MS.REC | outer}`, ""], own, ["root", rootfs], ...isMapped];
}

const asRoot = (config: RuntimeConfig): Operation[] => [
  ["ns-root"],
  ...(isMadeByRoot(config) ? [["unshare", `${CLONE.NEWIPC}`] satisfies Operation] : []),
];

/** A working directory that is missing can only be made before. */
const readOnlyRoot = ({ process }: RuntimeConfig): Operation[] => [
  ...(process && process.cwd !== "/" ? [["mkdir-at", process.cwd, "755"] satisfies Operation] : []),
  ["mount-set-at", "/", `${MOUNT_ATTR.RDONLY}`, "0", "0", "0"],
];

const rootPropagation = { shared: MS.SHARED, slave: MS.SLAVE, private: MS.PRIVATE, unbindable: MS.UNBINDABLE } as const;

function enterRoot(config: RuntimeConfig, { noPivot }: RuntimePlace): Operation[] {
  if (!hasOwn(config, "mount")) return [["change-root"]];
  return [[noPivot ? "move-root" : "pivot"], ["mount", "", "/", "", `${rootPropagation[config.linux.rootfsPropagation]}`, ""]];
}

function processOf(config: RuntimeConfig, place: RuntimePlace): Operation[] {
  const { process, linux, hooks } = config;
  const personalities = personalityOperations(linux);
  // To be prepared without a process is allowed, to be started is not.
  if (!process) return [...personalities, ["await-start"], ["end"]];
  const told = toldOf(config, place);
  const atStart = hookOperations(hooks, "startContainer", told, "command");
  return [
    ...personalities,
    ...oomOperations(process),
    ...runtimeProcessOperations(process, {
      keepsKeyring: place.keepsKeyring,
      makesDirectory: true,
      before: [["await-start"]],
      hooks: atStart,
      seccomp: place.seccomp ? seccompOperations(config, place.seccomp, told) : [],
    }),
  ];
}
