// A mount namespace's mounts as a tree: which mount a path lies on, what lies below one. Pure; linear in the number of mounts.
import type { MountState } from "./state.ts";

/** Whether a path is a directory itself or lies below it. */
export function isAtOrBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === "/" ? "/" : `${directory}/`);
}

export interface MountNode {
  readonly mount: MountState;
  readonly depth: number;
  /** Last among the children of its parent, and the same of each ancestor below the root: for drawing. */
  readonly last: readonly boolean[];
}

export interface MountTable {
  readonly mounts: readonly MountState[];
  /** The mount a lookup of this path ends on; undefined for an empty table. */
  mountOf(path: string): MountState | undefined;
  /** The uppermost mount on exactly this path that a lookup reaches. */
  mountAt(path: string): MountState | undefined;
  /** Mounts whose parent this one is, in the kernel's order. */
  childrenOf(id: number): readonly MountState[];
  /** Depth first, children in the kernel's order. */
  walk(): readonly MountNode[];
}

/** A lookup meets the nearest mount point first: what lies deeper on the same parent may be hidden by it. */
function nextOn(children: readonly MountState[], path: string): MountState | undefined {
  let next: MountState | undefined;
  for (const child of children) {
    if (isAtOrBelow(path, child.target) && (!next || child.target.length <= next.target.length)) next = child;
  }
  return next;
}

export function openMountTable(mounts: readonly MountState[]): MountTable {
  const children = new Map<number, MountState[]>();
  const ids = new Set(mounts.map(({ id }) => id));
  for (const mount of mounts) {
    // the root of the initial namespace is its own parent on some kernels
    if (mount.parentId === mount.id) continue;
    const list = children.get(mount.parentId);
    if (list) list.push(mount);
    else children.set(mount.parentId, [mount]);
  }
  const roots = mounts.filter(({ id, parentId }) => parentId === id || !ids.has(parentId));
  const childrenOf = (id: number): readonly MountState[] => children.get(id) ?? [];

  function mountOf(path: string): MountState | undefined {
    let at = roots.find(({ target }) => isAtOrBelow(path, target));
    // no mount is met twice, whatever a text says
    for (let steps = mounts.length; at && steps > 0; steps--) {
      const next = nextOn(childrenOf(at.id), path);
      if (!next) break;
      at = next;
    }
    return at;
  }
  return {
    mounts,
    mountOf,
    mountAt(path) {
      const mount = mountOf(path);
      return mount?.target === path ? mount : undefined;
    },
    childrenOf,
    walk() {
      const nodes: MountNode[] = [];
      const pending: MountNode[] = roots.map((mount): MountNode => ({ mount, depth: 0, last: [] })).reverse();
      for (let node = pending.pop(); node && nodes.length < mounts.length; node = pending.pop()) {
        const { depth, last, mount } = node;
        nodes.push(node);
        const below = childrenOf(mount.id);
        for (let at = below.length - 1; at >= 0; at--) {
          const child = below[at];
          if (child) pending.push({ mount: child, depth: depth + 1, last: [...last, at === below.length - 1] });
        }
      }
      return nodes;
    },
  };
}

/** Lines before a node, as findmnt(8) draws them. */
export function renderBranch({ last }: MountNode): string {
  return last.map((isLast, at) => (at === last.length - 1 ? (isLast ? "└─" : "├─") : isLast ? "  " : "│ ")).join("");
}

/** Those that a path leads to: no other mount on the same path, or on one above, hides them. In the order given. */
export function reachableMounts(mounts: readonly MountState[], wanted: (mount: MountState) => boolean): readonly MountState[] {
  const byId = new Map(mounts.map((mount) => [mount.id, mount]));
  const { childrenOf } = openMountTable(mounts);
  const isReached = (mount: MountState): boolean => {
    const path = mount.target;
    if (nextOn(childrenOf(mount.id), path)) return false;
    // a table need not begin at the root, and no mount is met twice, whatever a text says
    let at = mount;
    for (let steps = mounts.length; steps > 0; steps--) {
      const parent = byId.get(at.parentId);
      if (!parent || parent === at) break;
      if (nextOn(childrenOf(parent.id), path) !== at) return false;
      at = parent;
    }
    return true;
  };
  return mounts.filter((mount) => wanted(mount) && isReached(mount));
}
