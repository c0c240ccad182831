// tsns mount ls and tree: the mounts of one namespace or of all, with their peer groups and the containers that have the same trees.
import { type MountNamespace, readMountNamespaces } from "../../kernel/mount/namespace.ts";
import { parsePropagation } from "../../mount/propagation.ts";
import type { MountState } from "../../mount/state.ts";
import { isAtOrBelow, openMountTable, renderBranch } from "../../mount/table.ts";
import type { MountNamespaceView, MountView } from "../../mount/view.ts";
import { parseNamespaceName } from "../../namespace/inode.ts";
import { type Owner, renderOwner } from "../../namespace/owner.ts";
import type { Engine } from "../engine.ts";
import { type Owners, openOwners } from "../owner.ts";
import { noSuchPath, openPlace } from "./place.ts";

export interface MountListRequest {
  /** Every namespace that can be seen. */
  readonly all: boolean;
  readonly reference?: string;
  /** Absolute: the mount it lies on and those below it. */
  readonly path?: string;
}

/** In the order of the tree, namespace by namespace. Throws not-found for a path that is not there. */
export function listMounts(engine: Engine, request: MountListRequest): readonly MountView[] {
  const namespaces = readMountNamespaces();
  const owners = openOwners(engine);
  const peers = countPeers(namespaces);
  const usersOf = openTreeUsers(namespaces, owners);
  const place = request.all ? undefined : openPlace(engine, request.reference);
  const chosen: readonly MountNamespace[] = place
    ? [{ inode: place.inode, pids: namespaces.find(({ inode }) => inode === place.inode)?.pids ?? [], mounts: place.mounts }]
    : namespaces;
  const path = request.path === undefined ? undefined : (place?.resolve(request.path).path ?? request.path);
  if (place && request.path !== undefined && place.resolve(request.path).missing.length > 0) {
    throw noSuchPath(request.path);
  }
  return chosen.flatMap((namespace) => viewsOf(namespace, viewOfNamespace(namespace, namespaces[0]?.inode, owners), path, peers, usersOf));
}

function viewOfNamespace(namespace: MountNamespace, own: number | undefined, owners: Owners): MountNamespaceView {
  const [pid = 0] = namespace.pids;
  const isOwn = namespace.inode === own;
  const owner = isOwn || pid === 0 ? undefined : owners.ofPid(pid);
  return { inode: namespace.inode, pid, processes: namespace.pids.length, owner: owner ? renderOwner(owner) : "", isOwn };
}

function viewsOf(
  namespace: MountNamespace,
  view: MountNamespaceView,
  path: string | undefined,
  peers: ReadonlyMap<number, number>,
  usersOf: (mount: MountState, namespace: number) => readonly Owner[],
): MountView[] {
  const table = openMountTable(namespace.mounts);
  const on = path === undefined ? undefined : table.mountOf(path);
  return table
    .walk()
    .filter(({ mount }) => path === undefined || mount === on || isAtOrBelow(mount.target, path))
    .map((node): MountView => {
      const propagation = parsePropagation(node.mount.propagation);
      return {
        ...node.mount,
        namespace: view,
        propagation,
        peers: propagation.group === undefined ? 0 : Math.max((peers.get(propagation.group) ?? 1) - 1, 0),
        usedBy: usersOf(node.mount, namespace.inode),
        depth: node.depth,
        branch: renderBranch(node),
      };
    });
}

/** Peer groups are numbered for the whole host. */
function countPeers(namespaces: readonly MountNamespace[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { mounts } of namespaces) {
    for (const { propagation } of mounts) {
      const { group } = parsePropagation(propagation);
      if (group !== undefined) counts.set(group, (counts.get(group) ?? 0) + 1);
    }
  }
  return counts;
}

/** File systems of which every mount is alike: having one says nothing. */
const common: ReadonlySet<string> = new Set([
  "proc",
  "sysfs",
  "cgroup",
  "cgroup2",
  "devtmpfs",
  "mqueue",
  "securityfs",
  "debugfs",
  "tracefs",
  "bpf",
]);

/** Containers by the tree they have mounted: the same directory of the same file system. A namespace file belongs to who is in it. */
function openTreeUsers(namespaces: readonly MountNamespace[], owners: Owners): (mount: MountState, namespace: number) => readonly Owner[] {
  const byPid = new Map(namespaces.flatMap((namespace) => namespace.pids.map((pid) => [pid, namespace] as const)));
  const users = new Map<string, Owner[]>();
  for (const { owner, pid } of owners.containers) {
    const seen = new Set<string>();
    for (const mount of byPid.get(pid)?.mounts ?? []) {
      const key = `${mount.device} ${mount.root}`;
      if (common.has(mount.type) || seen.has(key)) continue;
      seen.add(key);
      users.set(key, [...(users.get(key) ?? []), owner]);
    }
  }
  return (mount, namespace) => {
    if (mount.type === "nsfs") {
      const name = parseNamespaceName(mount.root);
      const owner = name && owners.ofNamespace(name.kind, name.inode);
      return owner ? [owner] : [];
    }
    const found = users.get(`${mount.device} ${mount.root}`) ?? [];
    return found.filter((owner) => byPid.get(owner.pid)?.inode !== namespace || common.has(mount.type));
  };
}
