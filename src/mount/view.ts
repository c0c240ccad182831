// One mount as listings show it. Values and their text only.
import { type Owner, renderOwner } from "../namespace/owner.ts";
import type { MountPropagation } from "./propagation.ts";
import type { MountState } from "./state.ts";

/** A mount namespace as it is told in a list. */
export interface MountNamespaceView {
  readonly inode: number;
  /** A process in it, 0 where it has none. */
  readonly pid: number;
  readonly processes: number;
  /** "" for the caller's own. */
  readonly owner: string;
  readonly isOwn: boolean;
}

export interface MountView extends Omit<MountState, "propagation"> {
  readonly namespace: MountNamespaceView;
  readonly propagation: MountPropagation;
  /** Mounts of the same peer group in all namespaces that could be read, itself not counted. */
  readonly peers: number;
  /** Running containers that have the same tree mounted, or whose namespace this file is. */
  readonly usedBy: readonly Owner[];
  /** Depth in the tree of its namespace. */
  readonly depth: number;
  /** What is drawn before its target in a tree. */
  readonly branch: string;
}

/** `/dev/vda[/srv/data]`, as findmnt(8) writes the source of a bind. */
export function renderSource({ source, root, type }: Pick<MountState, "source" | "root" | "type">): string {
  const name = source === "" ? "none" : source;
  return root === "/" || type === "nsfs" || type === "cgroup" || type === "cgroup2" ? (type === "nsfs" ? root : name) : `${name}[${root}]`;
}

/** Options of the mount, then those of the file system that are not said already. */
export function renderOptions({ options, superOptions }: Pick<MountState, "options" | "superOptions">): string {
  return [...options, ...superOptions.filter((option) => option !== "rw" && !options.includes(option))].join(",");
}

export const renderOwners = (owners: readonly Owner[]): string => owners.map(renderOwner).join(",");
