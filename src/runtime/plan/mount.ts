// The mounts of a configuration, in their order, as operations of the native helper. Pure.
import { MOUNT_ATTR, MS, type Operation } from "../../plan/operation.ts";
import type { RuntimeMount } from "../config/mount.ts";
import type { RuntimeConfig } from "../config/type.ts";
import { type BindPlace, isBind, openBinds } from "./bind.ts";
import { type CgroupSight, cgroupMount } from "./cgroup-mount.ts";
import { descriptors } from "./descriptor.ts";
import { deviceOperations, deviceOperationsElsewhere, makeNodes } from "./device.ts";
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

export interface MountPlace extends BindPlace {
  readonly lackingNodes?: readonly string[];
}

export function planRuntimeMounts(config: RuntimeConfig, sight: CgroupSight, place: MountPlace): MountPlan {
  const trees = descriptors("tree");
  const nodes = makeNodes(config, place.lackingNodes ?? [], trees);
  const planBind = openBinds(config, place, trees);
  const monitor: Operation[] = [...nodes.operations];
  const [init, grouped, last]: [Operation[], Operation[], Operation[]] = [[], [], []];
  let now = init;
  let hasDevices = false;
  let elsewhere: readonly Operation[] = [];
  for (const mount of config.mounts) {
    const options = parseRuntimeMountOptions(mount.options);
    if (mount.type === "cgroup" || mount.type === "cgroup2") {
      now = grouped;
      now.push(...cgroupMount(mount, options, sight, place.isUnprivileged));
    } else if (isBind(mount, options)) {
      const bind = planBind(mount, options);
      monitor.push(...bind.monitor);
      now.push(...bind.init);
      if (mount.destination !== "/dev") continue;
      // It has its own nodes.
      hasDevices = true;
      elsewhere = deviceOperationsElsewhere(config, nodes.made);
    } else if (options.remount || mount.type === "") {
      now.push(...changedMount(mount, options));
    } else {
      const fresh = freshMount(mount, options);
      now.push(...fresh.now);
      last.push(...fresh.later);
      if (mount.destination !== "/dev") continue;
      hasDevices = true;
      now.push(...deviceOperations(config, nodes.made));
    }
  }
  now.push(...(hasDevices ? elsewhere : deviceOperations(config, nodes.made)));
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

/** Much relies on where these are, masks for one: they are mounted on a directory, through no link that an image, or another container, has put there. */
const needsDirectory = /^(proc|sysfs)$/;

function madeMount({ destination, type, source }: RuntimeMount, { copiesUp, data }: RuntimeMountOptions, flags: string): Operation[] {
  if (type === "tmpfs" && !copiesUp) return [["tmpfs-at", source || type, destination, flags, data]];
  if (needsDirectory.test(type)) return [["mount-at", source || type, destination, type, flags, data, "directory"]];
  const made: Operation =
    type === "tmpfs" ? ["copy-up-at", destination, flags, data] : ["mount-at", source || type, destination, type, flags, data];
  return [["mkdir-at", destination, "755"], made];
}
