// Namespaces as listings show them, and the hierarchy of user and pid namespaces. Pure.
import type { Owner } from "./owner.ts";
import type { NamespaceKind } from "./spec.ts";

/** What keeps a namespace: its processes, else a bind mount, an open descriptor, or only the namespaces below it. */
export type NamespaceHolder = "process" | "mount" | "descriptor" | "child";

export interface NamespaceView {
  readonly kind: NamespaceKind;
  readonly inode: number;
  /** Processes in it that we may see; threads are not counted. */
  readonly processes: number;
  /** Lowest pid in it; of the process that holds it open for "descriptor"; 0 for none. */
  readonly pid: number;
  /** Effective uid of that process, -1 without. */
  readonly uid: number;
  readonly user: string;
  /** Command line of that process. */
  readonly command: string;
  readonly holder: NamespaceHolder;
  /** A file that setns(2) takes; empty for "child". */
  readonly path: string;
  /** Undefined for the namespaces tsns itself is in and those without processes. */
  readonly owner?: Owner;
}

/** What the kernel says of a namespace's place, ioctl_ns(2). 0 where it says nothing, or out of sight. */
export interface NamespaceRelation {
  readonly kind: NamespaceKind;
  readonly inode: number;
  /** The user namespace that owns it; for a user namespace its parent. */
  readonly userNamespace: number;
  /** Of user and pid namespaces. */
  readonly parent: number;
  /** Of a user namespace: who made it, as seen from here; -1 for other kinds. */
  readonly ownerUid: number;
}

export interface NamespaceNode extends NamespaceRelation {
  /** What is known of its processes. */
  readonly view?: NamespaceView;
  /** Of a user namespace: how many namespaces of each other kind it owns. */
  readonly owns: Readonly<Partial<Record<NamespaceKind, number>>>;
  readonly children: readonly NamespaceNode[];
}

/** The trees of one kind, roots and children by inode. A parent that is not in the list makes a root. */
export function planTree(
  kind: "user" | "pid",
  relations: readonly NamespaceRelation[],
  views: readonly NamespaceView[],
): readonly NamespaceNode[] {
  const viewOf = new Map(views.filter((view) => view.kind === kind).map((view) => [view.inode, view]));
  const members = relations.filter((relation) => relation.kind === kind);
  const known = new Set(members.map(({ inode }) => inode));
  const below = new Map<number, NamespaceRelation[]>();
  for (const relation of members) {
    const parent = known.has(relation.parent) && relation.parent !== relation.inode ? relation.parent : 0;
    const siblings = below.get(parent);
    if (siblings) siblings.push(relation);
    else below.set(parent, [relation]);
  }
  const owned = new Map<number, Partial<Record<NamespaceKind, number>>>();
  for (const relation of kind === "user" ? relations : []) {
    if (relation.kind === "user" || relation.userNamespace === 0) continue;
    const counts = owned.get(relation.userNamespace) ?? {};
    counts[relation.kind] = (counts[relation.kind] ?? 0) + 1;
    owned.set(relation.userNamespace, counts);
  }
  const nodesBelow = (parent: number): readonly NamespaceNode[] =>
    [...(below.get(parent) ?? [])]
      .sort((one, other) => one.inode - other.inode)
      .map((relation) => {
        const view = viewOf.get(relation.inode);
        return { ...relation, ...(view ? { view } : {}), owns: owned.get(relation.inode) ?? {}, children: nodesBelow(relation.inode) };
      });
  return nodesBelow(0);
}

export interface TreeRow {
  /** Branches before the name: "├─", "│ └─". */
  readonly branch: string;
  readonly depth: number;
  readonly node: NamespaceNode;
}

/** The nodes in the order they are printed. */
export function flattenTree(nodes: readonly NamespaceNode[]): readonly TreeRow[] {
  const rows: TreeRow[] = [];
  const visit = (list: readonly NamespaceNode[], before: string, depth: number): void => {
    for (const [at, node] of list.entries()) {
      const last = at === list.length - 1;
      rows.push({ branch: depth === 0 ? "" : `${before}${last ? "└─" : "├─"}`, depth, node });
      visit(node.children, depth === 0 ? "" : `${before}${last ? "  " : "│ "}`, depth + 1);
    }
  };
  visit(nodes, "", 0);
  return rows;
}
