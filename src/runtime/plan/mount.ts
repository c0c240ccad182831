// The mounts of a configuration, in their order, as operations of the native helper. Sources of binds are opened by the creator, in the host's
// mount namespace: there they can be reached whatever the user namespace, and what is shared stays so. A creator without privileges cannot:
// init binds them by path, in the user namespace where it may. Pure.
import { type CgroupMounts, cgroupOperations } from "../../container/sandbox-mount.ts";
import { MOUNT_ATTR, MS, type Operation } from "../../plan/operation.ts";
import type { RuntimeMount } from "../config/mount.ts";
import type { RuntimeConfig, RuntimeIdMapping } from "../config/type.ts";
import { type DescriptorRange, descriptors } from "./descriptor.ts";
import { deviceOperations } from "./device.ts";
import { type AttributeChange, parseRuntimeMountOptions, type RuntimeMountOptions } from "./mount-option.ts";

export interface MountPlan {
  readonly monitor: readonly Operation[];
  readonly init: readonly Operation[];
  /** After init has joined its groups: what shows them. */
  readonly grouped: readonly Operation[];
}

/** Propagation of a bind that names none: what the host mounts below its source is seen, unless all of the container is private. */
function defaultPropagation({ linux: { rootfsPropagation } }: RuntimeConfig): number {
  if (rootfsPropagation === "private" || rootfsPropagation === "unbindable") return MS.PRIVATE;
  return rootfsPropagation === "shared" ? 0 : MS.SLAVE;
}

/** What is to be seen of cgroups without a namespace of its own: the container's groups alone. */
export interface CgroupSight {
  readonly mounts: CgroupMounts;
  readonly hasNamespace: boolean;
  /** v2: its directory. */
  readonly directory?: string;
}

export function planRuntimeMounts(config: RuntimeConfig, sight: CgroupSight, isUnprivileged = false): MountPlan {
  const trees = descriptors("tree");
  const maps = descriptors("map");
  const monitor: Operation[] = [];
  const init: Operation[] = [];
  const last: Operation[] = [];
  const grouped: Operation[] = [];
  let hasDevices = false;
  for (const mount of config.mounts) {
    const options = parseRuntimeMountOptions(mount.options);
    if (mount.type === "cgroup" || mount.type === "cgroup2") {
      grouped.push(...cgroupMount(mount, options, sight, isUnprivileged));
      continue;
    }
    if (options.bind || mount.type === "bind") {
      const bind = planBind(config, mount, options, isUnprivileged && !isMapped(mount, options) ? undefined : trees, maps);
      monitor.push(...bind.monitor);
      init.push(...bind.init);
      // A /dev of the host has its own nodes.
      hasDevices ||= mount.destination === "/dev";
      continue;
    }
    const { now, later } = freshMount(mount, options);
    init.push(...now);
    last.push(...later);
    if (mount.destination !== "/dev") continue;
    hasDevices = true;
    init.push(...deviceOperations(config));
  }
  return { monitor, init: [...init, ...(hasDevices ? [] : deviceOperations(config)), ...last], grouped };
}

/** `later`: what would keep the mounts below it from being made. */
function freshMount(mount: RuntimeMount, options: RuntimeMountOptions): { readonly now: Operation[]; readonly later: Operation[] } {
  const { destination, type, source } = mount;
  const isLater = (type === "tmpfs" || destination === "/dev") && (options.flags & MS.RDONLY) !== 0;
  const flags = `${isLater ? options.flags & ~MS.RDONLY : options.flags}`;
  const made: Operation =
    options.copiesUp && type === "tmpfs"
      ? ["copy-up-at", destination, flags, options.data]
      : ["mount-at", source || type || "none", destination, type, flags, options.data];
  return {
    now: [["mkdir-at", destination, "755"], made, ...changes(destination, [none, options.attributesBelow], options.propagation)],
    later: isLater ? [["mount-set-at", destination, `${MOUNT_ATTR.RDONLY}`, "0", "0", "0"]] : [],
  };
}

const none: AttributeChange = { set: 0, clear: 0 };
const isNone = ({ set, clear }: AttributeChange): boolean => set === 0 && clear === 0;

/** What mount_setattr(2) does to what is mounted at a path: to it alone, to it with all below; then its propagation. */
function changes(path: string, [own, below]: readonly [AttributeChange, AttributeChange], propagation = 0): Operation[] {
  const change = ({ set, clear }: AttributeChange, isRecursive: boolean, spread = 0): Operation => [
    "mount-set-at",
    path,
    `${set}`,
    `${clear}`,
    isRecursive ? "1" : "0",
    `${spread}`,
  ];
  return [
    ...(isNone(own) ? [] : [change(own, false)]),
    ...(isNone(below) ? [] : [change(below, true)]),
    ...(propagation === 0 ? [] : [change(none, (propagation & MS.REC) !== 0, propagation & ~MS.REC)]),
  ];
}

function planBind(
  config: RuntimeConfig,
  mount: RuntimeMount,
  options: RuntimeMountOptions,
  trees: DescriptorRange | undefined,
  maps: DescriptorRange,
): { readonly monitor: Operation[]; readonly init: Operation[] } {
  const { destination, source } = mount;
  const recursive = options.recursive ? "1" : "0";
  const propagation = options.propagation || defaultPropagation(config) | (options.recursive ? MS.REC : 0);
  const after = changes(destination, [options.attributes, options.attributesBelow], propagation);
  const tree = trees?.next();
  // Or more binds than there are numbers: by path, as init sees the host.
  if (tree === undefined) return { monitor: [], init: [["bind-at", source, destination, "0", recursive, "0"], ...after] };
  return {
    monitor: [["open-tree", tree, source, recursive], ...idMapOperations(config, mount, options, tree, maps)],
    init: [["bind-tree-at", tree, destination, "0", recursive, "0"], ...after],
  };
}

export const renderMaps = (maps: readonly RuntimeIdMapping[]): string =>
  maps.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}\n`).join("");

const isMapped = (
  { uidMappings, gidMappings }: Pick<RuntimeMount, "uidMappings" | "gidMappings">,
  { idMap }: Pick<RuntimeMountOptions, "idMap">,
): boolean => idMap !== "none" || uidMappings.length > 0 || gidMappings.length > 0;

function idMapOperations(
  { linux }: RuntimeConfig,
  { uidMappings, gidMappings }: RuntimeMount,
  { idMap }: RuntimeMountOptions,
  tree: string,
  maps: DescriptorRange,
): Operation[] {
  if (!isMapped({ uidMappings, gidMappings }, { idMap })) return [];
  const map = maps.next() ?? "";
  const [uids, gids] =
    uidMappings.length > 0 || gidMappings.length > 0 ? [uidMappings, gidMappings] : [linux.uidMappings, linux.gidMappings];
  return [
    ["map-namespace", map, renderMaps(uids), renderMaps(gids)],
    ["idmap-tree", tree, map, idMap === "all" ? "1" : "0"],
  ];
}

const hostCgroups = "/sys/fs/cgroup";

function cgroupMount(
  mount: RuntimeMount,
  options: RuntimeMountOptions,
  { mounts, hasNamespace, directory }: CgroupSight,
  isUnprivileged: boolean,
): Operation[] {
  const { destination } = mount;
  // The kernel lets nobody else mount one: the host's, of which nothing may be changed.
  if (isUnprivileged && !hasNamespace)
    return [["bind-at", hostCgroups, destination, "0", "1", `${MS.PRIVATE}`], ...changes(destination, [options.attributes, none])];
  if (mounts.version === 1) {
    const words = mount.options.filter((option) => option !== "bind" && option !== "rbind");
    return [["mkdir-at", destination, "755"], ...cgroupOperations({ ...mount, options: words }, mounts)];
  }
  if (hasNamespace || directory === undefined) {
    return [
      ["mkdir-at", destination, "755"],
      ["mount-at", "cgroup", destination, "cgroup2", `${options.flags}`, options.data],
    ];
  }
  return [["bind-at", directory, destination, "0", "0", `${MS.PRIVATE}`], ...changes(destination, [options.attributes, none])];
}
