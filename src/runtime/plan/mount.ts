// The mounts of a configuration, in their order, as operations of the native helper. Sources of binds are opened by the creator, in the host's
// mount namespace: there they can be reached whatever the user namespace, and what is shared stays so. A creator without privileges cannot:
// init binds them by path, in the user namespace where it may. Pure.
import { MOUNT_ATTR, MS, type Operation } from "../../plan/operation.ts";
import type { RuntimeMount } from "../config/mount.ts";
import type { RuntimeConfig, RuntimeIdMapping } from "../config/type.ts";
import { type CgroupSight, cgroupMount } from "./cgroup-mount.ts";
import { type DescriptorRange, descriptors } from "./descriptor.ts";
import { deviceOperations, deviceOperationsElsewhere } from "./device.ts";
import { changes, none } from "./mount-change.ts";
import { parseRuntimeMountOptions, type RuntimeMountOptions } from "./mount-option.ts";

export interface MountPlan {
  readonly monitor: readonly Operation[];
  readonly init: readonly Operation[];
  /** After init has joined its groups: what shows them, and all that is listed after that. */
  readonly grouped: readonly Operation[];
  /** What would keep others from being made: read-only from here on. */
  readonly last: readonly Operation[];
}

/** Propagation of a bind that names none: what the host mounts below its source is seen, unless all of the container is private. */
function defaultPropagation({ linux: { rootfsPropagation } }: RuntimeConfig): number {
  if (rootfsPropagation === "private" || rootfsPropagation === "unbindable") return MS.PRIVATE;
  return rootfsPropagation === "shared" ? 0 : MS.SLAVE;
}

export function planRuntimeMounts(config: RuntimeConfig, sight: CgroupSight, isUnprivileged = false): MountPlan {
  const trees = descriptors("tree");
  const maps = descriptors("map");
  const monitor: Operation[] = [];
  const [init, grouped, last]: [Operation[], Operation[], Operation[]] = [[], [], []];
  let now = init;
  let hasDevices = false;
  let elsewhere: readonly Operation[] = [];
  for (const mount of config.mounts) {
    const options = parseRuntimeMountOptions(mount.options);
    const isBind = options.bind || mount.type === "bind";
    if (mount.type === "cgroup" || mount.type === "cgroup2") {
      now = grouped;
      now.push(...cgroupMount(mount, options, sight, isUnprivileged));
    } else if (options.remount || (mount.type === "" && !isBind)) {
      now.push(...changedMount(mount, options));
    } else if (isBind) {
      const bind = planBind(config, mount, options, isUnprivileged && !isMapped(mount, options) ? undefined : trees, maps);
      monitor.push(...bind.monitor);
      now.push(...bind.init);
      if (mount.destination !== "/dev") continue;
      // It has its own nodes.
      hasDevices = true;
      elsewhere = deviceOperationsElsewhere(config);
    } else {
      const fresh = freshMount(mount, options);
      now.push(...fresh.now);
      last.push(...fresh.later);
      if (mount.destination !== "/dev") continue;
      hasDevices = true;
      now.push(...deviceOperations(config));
    }
  }
  now.push(...(hasDevices ? elsewhere : deviceOperations(config)));
  return { monitor, init, grouped, last };
}

/** What is there already, with other flags (mount(8), remount), or with another propagation alone. */
function changedMount({ destination, type, source }: RuntimeMount, options: RuntimeMountOptions): Operation[] {
  const flags = options.flags | MS.REMOUNT;
  const made: Operation = options.bind
    ? ["remount-at", destination, `${options.flags}`]
    : ["mount-at", source || "none", destination, type, `${flags}`, options.data];
  const own = options.remount ? none : options.attributes;
  return [...(options.remount ? [made] : []), ...changes(destination, [own, options.attributesBelow], options.propagation)];
}

/** `later`: what would keep the mounts below it from being made. */
function freshMount(mount: RuntimeMount, options: RuntimeMountOptions): { readonly now: Operation[]; readonly later: Operation[] } {
  const { destination, type } = mount;
  const isLater = (type === "tmpfs" || destination === "/dev") && (options.flags & MS.RDONLY) !== 0;
  const flags = `${isLater ? options.flags & ~MS.RDONLY : options.flags}`;
  return {
    now: [...madeMount(mount, options, flags), ...changes(destination, [none, options.attributesBelow], options.propagation)],
    later: isLater ? [["mount-set-at", destination, `${MOUNT_ATTR.RDONLY}`, "0", "0", "0"]] : [],
  };
}

function madeMount({ destination, type, source }: RuntimeMount, { copiesUp, data }: RuntimeMountOptions, flags: string): Operation[] {
  if (type === "tmpfs" && !copiesUp) return [["tmpfs-at", source || type, destination, flags, data]];
  const made: Operation =
    type === "tmpfs" ? ["copy-up-at", destination, flags, data] : ["mount-at", source || type, destination, type, flags, data];
  return [["mkdir-at", destination, "755"], made];
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
  const own = defaultPropagation(config) | (options.recursive ? MS.REC : 0);
  const after = [
    ...changes(destination, [options.attributes, options.attributesBelow]),
    // What is shared is so among the container's mounts; with the host's only where the root is.
    ...(options.propagation & MS.SHARED && own & ~MS.REC ? changes(destination, [none, none], own) : []),
    ...(options.propagation || own & ~MS.REC ? changes(destination, [none, none], options.propagation || own) : []),
  ];
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
