// tsns mount who: what keeps a mount, or a directory on one, busy: mounts of the same tree in any namespace, processes, loop devices,
// overlays made of directories below it.
import { type MountNamespace, readMountNamespaces } from "../../kernel/mount/namespace.ts";
import { readBackingFiles, readUses, type UseKind } from "../../kernel/mount/user.ts";
import { readNamespaceInode } from "../../kernel/proc/namespace.ts";
import { parseOverlay } from "../../layer/overlay.ts";
import type { MountState } from "../../mount/state.ts";
import { isAtOrBelow, openMountTable } from "../../mount/table.ts";
import { type Owner, renderOwner } from "../../namespace/owner.ts";
import type { Engine } from "../engine.ts";
import { openOwners } from "../owner.ts";
import { noSuchPath, openPlace, type Place } from "./place.ts";

export interface MountUser {
  /** "mount": the same tree elsewhere. "overlay": a layer of it. "loop", "swap": a file on it. Else how a process uses it. */
  readonly kind: "mount" | "overlay" | "loop" | "swap" | UseKind;
  /** Inode of the mount namespace. */
  readonly namespace: number;
  /** 0 where no process is meant. */
  readonly pid: number;
  readonly command: string;
  /** In the words of that namespace. */
  readonly path: string;
  readonly mountId: number;
  readonly owner?: Owner;
}

/** Directory of the file system that a path shows, for comparing mounts of it. */
function innerPath(mount: MountState, path: string): string {
  const rest = mount.target === "/" ? path : path.slice(mount.target.length);
  return rest === "" || rest === "/" ? mount.root : `${mount.root === "/" ? "" : mount.root}${rest}`;
}

/** Throws not-found for a path that is not there. */
export function whoUses(engine: Engine, path: string, reference?: string): readonly MountUser[] {
  const place = openPlace(engine, reference);
  const found = place.resolve(path);
  if (found.missing.length > 0) throw noSuchPath(path);
  return findUsers(engine, found.path, place);
}

/** `path` is resolved, in the place's namespace. */
export function findUsers(engine: Engine, path: string, place: Place): readonly MountUser[] {
  const mount = openMountTable(place.mounts).mountOf(path);
  if (!mount) return [];
  const wanted = innerPath(mount, path);
  const owners = openOwners(engine);
  const users: MountUser[] = [];
  const namespaces = readMountNamespaces();
  for (const namespace of namespaces) {
    const same = namespace.mounts.filter(
      ({ device, root }) => device === mount.device && (isAtOrBelow(root, wanted) || isAtOrBelow(wanted, root)),
    );
    const byId = new Map(same.map((one) => [one.id, one]));
    const first = namespace.pids[0] ?? 0;
    const owner = namespace.inode === readNamespaceInode("self", "mnt") ? undefined : owners.ofPid(first);
    const common = { namespace: namespace.inode, ...(owner ? { owner } : {}) };
    for (const one of same) {
      if (one.id !== mount.id && isAtOrBelow(one.root, wanted))
        users.push({ ...common, kind: "mount", pid: first, command: "", path: one.target, mountId: one.id });
    }
    const table = openMountTable(namespace.mounts);
    if (namespace.inode === place.inode) {
      for (const child of table.childrenOf(mount.id))
        if (isAtOrBelow(child.target, path))
          users.push({ ...common, kind: "mount", pid: 0, command: "", path: child.target, mountId: mount.id });
    }
    const isWithin = (id: number, at: string) => {
      const on = byId.get(id);
      return on !== undefined && isAtOrBelow(innerPath(on, at), wanted);
    };
    if (same.length > 0) users.push(...processUsers(namespace, (id) => byId.has(id), isWithin, owners.ofPid));
  }
  return [...users, ...layerUsers(path, place, namespaces, owners.ofPid), ...fileUsers(path, place, mount)];
}

function processUsers(
  namespace: MountNamespace,
  isWanted: (id: number) => boolean,
  isWithin: (id: number, path: string) => boolean,
  ownerOf: (pid: number) => Owner | undefined,
): MountUser[] {
  const table = openMountTable(namespace.mounts);
  return namespace.pids
    .filter((pid) => pid !== process.pid)
    .flatMap((pid) => readUses(pid, table, isWanted, isWithin))
    .map((use): MountUser => {
      const owner = ownerOf(use.pid);
      return { ...use, namespace: namespace.inode, command: owner?.engine === "other" ? owner.name : "", ...(owner ? { owner } : {}) };
    });
}

/** Overlays keep their layers' file system, though not the mount they were found by. Engines name layers as the host has them. */
function layerUsers(
  path: string,
  place: Place,
  namespaces: readonly MountNamespace[],
  ownerOf: (pid: number) => Owner | undefined,
): MountUser[] {
  const seen = new Set<string>();
  const users: MountUser[] = [];
  for (const { inode, pids, mounts } of place.label === undefined ? namespaces : namespaces.filter((one) => one.inode === place.inode)) {
    for (const { type, target, superOptions, device, id } of mounts) {
      if (type !== "overlay" || seen.has(device) || (inode === place.inode && isAtOrBelow(path, target))) continue;
      const { lower, upper, work } = parseOverlay(superOptions);
      if (![...lower, upper, work].some((directory) => directory !== undefined && isAtOrBelow(directory, path))) continue;
      seen.add(device);
      const owner = inode === place.inode ? undefined : ownerOf(pids[0] ?? 0);
      users.push({
        kind: "overlay",
        namespace: inode,
        pid: owner?.pid ?? 0,
        command: "",
        path: target,
        mountId: id,
        ...(owner ? { owner } : {}),
      });
    }
  }
  return users;
}

function fileUsers(path: string, place: Place, mount: MountState): MountUser[] {
  if (place.label !== undefined) return [];
  return readBackingFiles()
    .filter((file) => isAtOrBelow(file.path, path))
    .map(
      (file): MountUser => ({ kind: file.kind, namespace: place.inode, pid: 0, command: file.name, path: file.path, mountId: mount.id }),
    );
}

/** "sleep (pid 812): cwd /mnt; web (pid 900): open /mnt/log", at most three. */
export function describeUsers(users: readonly MountUser[]): string {
  const lines = users.map(({ owner, command, kind, path, pid }) => {
    const who = owner
      ? owner.engine === "other"
        ? renderOwner({ ...owner, pid })
        : `${renderOwner(owner)} (pid ${pid})`
      : command || "a mount";
    return `${who}: ${kind} ${path}`;
  });
  const shown = [...new Set(lines)];
  return `${shown.slice(0, 3).join("; ")}${shown.length > 3 ? `; and ${shown.length - 3} more` : ""}`;
}
