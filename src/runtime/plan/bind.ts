// Binds: by path, when their turn comes. Where init cannot reach the sources, or would not share what is to be shared, the creator opens them
// before, or in their turn what lies in the container's root, under a number each as long as there are numbers. A mapped one can be made in no other
// way, so that those come first. Pure.
import { MS, type Operation } from "../../plan/operation.ts";
import type { RuntimeMount } from "../config/mount.ts";
import type { RuntimeConfig } from "../config/type.ts";
import type { DescriptorRange } from "./descriptor.ts";
import { isMapped, openIdMaps, tooManyIdMaps } from "./id-map.ts";
import { changes, none } from "./mount-change.ts";
import { parseRuntimeMountOptions, type RuntimeMountOptions } from "./mount-option.ts";
import { hasOwn, isNew } from "./namespace.ts";

export interface BindPlan {
  readonly monitor: readonly Operation[];
  readonly init: readonly Operation[];
}

export interface BindPlace {
  /** Whoever makes the container has no privileges outside of its user namespace. */
  readonly isUnprivileged: boolean;
  /** Paths of the root file system, absolute. */
  readonly roots: readonly string[];
}

export const isBind = ({ type }: RuntimeMount, options: RuntimeMountOptions): boolean =>
  (options.bind || type === "bind") && !options.remount && type !== "cgroup" && type !== "cgroup2";

/** Propagation of a bind that names none: what the host mounts below its source is seen, unless all of the container is private. */
function defaultPropagation({ linux: { rootfsPropagation } }: RuntimeConfig): number {
  if (rootfsPropagation === "private" || rootfsPropagation === "unbindable") return MS.PRIVATE;
  return rootfsPropagation === "shared" ? 0 : MS.SLAVE;
}

/**
 * Whether init has the host's mounts before it, with its rights, and as slaves of the host's: a bind by path is then the one that the creator
 * would make, of what the mounts listed before it have made, and in mountinfo in its place (by age since Linux 6.8).
 */
const seesHost = (config: RuntimeConfig): boolean =>
  isNew(config, "mount") && !hasOwn(config, "user") && config.linux.rootfsPropagation === "slave";

/** Plans one after the other, in their order. Throws TsnsError unsupported for a mapped one that there is no number for. */
export function openBinds(
  config: RuntimeConfig,
  place: BindPlace,
  trees: DescriptorRange,
): (mount: RuntimeMount, options: RuntimeMountOptions) => BindPlan {
  const isByPath = place.isUnprivileged || seesHost(config);
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
    const tree = mapped ?? (isByPath ? undefined : trees.next());
    const { destination, source } = mount;
    const recursive = options.recursive ? "1" : "0";
    const after = changesOf(config, mount, options);
    if (tree === undefined) return { monitor: [], init: [["bind-at", source, destination, "0", recursive, "0"], ...after] };
    const maps = mapped === undefined ? [] : mapIds(mount, options, tree);
    const isInRoot = place.roots.some((root) => source === root || source.startsWith(`${root}/`));
    return {
      monitor: isInRoot ? inTurn(tree, source, recursive, maps) : [["open-tree", tree, source, recursive], ...maps],
      init: [
        ...(isInRoot ? [["take-tree", tree] satisfies Operation] : []),
        ["bind-tree-at", tree, destination, "0", recursive, "0"],
        ...after,
      ],
    };
  };
}

/** What a mount listed before may have made: opened when its turn comes, and mapped then. */
function inTurn(tree: string, source: string, recursive: string, maps: readonly Operation[]): Operation[] {
  const mapping = maps.find(([name]) => name === "idmap-tree")?.slice(2) ?? [];
  return [...maps.filter(([name]) => name !== "idmap-tree"), ["tree-in-turn", tree, source, recursive, ...mapping]];
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
