// Binds: their sources are opened by the creator under a number each, as long as there are numbers, and put down by init. A mapped one can be
// made in no other way, so that those come first. Pure.
import { MS, type Operation } from "../../plan/operation.ts";
import type { RuntimeMount } from "../config/mount.ts";
import type { RuntimeConfig } from "../config/type.ts";
import { descriptors } from "./descriptor.ts";
import { isMapped, openIdMaps, tooManyIdMaps } from "./id-map.ts";
import { changes, none } from "./mount-change.ts";
import { parseRuntimeMountOptions, type RuntimeMountOptions } from "./mount-option.ts";

export interface BindPlan {
  readonly monitor: readonly Operation[];
  readonly init: readonly Operation[];
}

export const isBind = ({ type }: RuntimeMount, options: RuntimeMountOptions): boolean =>
  (options.bind || type === "bind") && !options.remount && type !== "cgroup" && type !== "cgroup2";

/** Propagation of a bind that names none: what the host mounts below its source is seen, unless all of the container is private. */
function defaultPropagation({ linux: { rootfsPropagation } }: RuntimeConfig): number {
  if (rootfsPropagation === "private" || rootfsPropagation === "unbindable") return MS.PRIVATE;
  return rootfsPropagation === "shared" ? 0 : MS.SLAVE;
}

/** Plans one after the other, in their order. Throws TsnsError unsupported for a mapped one that there is no number for. */
export function openBinds(config: RuntimeConfig, isUnprivileged: boolean): (mount: RuntimeMount, options: RuntimeMountOptions) => BindPlan {
  const trees = descriptors("tree");
  const mapIds = openIdMaps(config);
  const reserved = config.mounts.flatMap((mount) => {
    const options = parseRuntimeMountOptions(mount.options);
    if (!isBind(mount, options) || !isMapped(mount, options)) return [];
    const tree = trees.next();
    if (tree === undefined) throw tooManyIdMaps(mount, `${trees.count} such mounts`);
    return [tree];
  });
  return (mount, options) => {
    const mapped = isMapped(mount, options) ? reserved.shift() : undefined;
    const tree = mapped ?? (isUnprivileged ? undefined : trees.next());
    const { destination, source } = mount;
    const recursive = options.recursive ? "1" : "0";
    const after = changesOf(config, mount, options);
    // By path, as init sees the host.
    if (tree === undefined) return { monitor: [], init: [["bind-at", source, destination, "0", recursive, "0"], ...after] };
    return {
      monitor: [["open-tree", tree, source, recursive], ...(mapped === undefined ? [] : mapIds(mount, options, tree))],
      init: [["bind-tree-at", tree, destination, "0", recursive, "0"], ...after],
    };
  };
}

/** What makes of a bind that is there the one that is wanted. */
function changesOf(config: RuntimeConfig, { destination }: RuntimeMount, options: RuntimeMountOptions): readonly Operation[] {
  const own = defaultPropagation(config) | (options.recursive ? MS.REC : 0);
  return [
    ...changes(destination, [options.attributes, options.attributesBelow]),
    // What is shared is so among the container's mounts; with the host's only where the root is.
    ...(options.propagation & MS.SHARED && own & ~MS.REC ? changes(destination, [none, none], own) : []),
    ...(options.propagation || own & ~MS.REC ? changes(destination, [none, none], options.propagation || own) : []),
  ];
}
