// Owners of files that are copied between a container and the host: its user namespace's ids and the host's.
import type { ContainerRecord } from "../../container/record.ts";

export type Ids = (uid: number, gid: number) => readonly [uid: number, gid: number];

/** Ids of files on the host to those the container sees, and back. */
export function idsOf({ spec: { userNamespace: map } }: ContainerRecord): { readonly inward: Ids; readonly outward: Ids } {
  if (!map) return { inward: (uid, gid) => [uid, gid], outward: (uid, gid) => [uid, gid] };
  const less = (id: number, base: number) => (id >= base && id < base + map.size ? id - base : id);
  // an id that has no place in the namespace becomes its root's
  const more = (id: number, base: number) => base + (id < map.size ? id : 0);
  return {
    inward: (uid, gid) => [more(uid, map.uid), more(gid, map.gid)],
    outward: (uid, gid) => [less(uid, map.uid), less(gid, map.gid)],
  };
}

/** The same for a shell: what is added to each id. */
export function shiftOf({ spec: { userNamespace: map } }: ContainerRecord, isFrom: boolean) {
  return map ? { shift: isFrom ? { uid: -map.uid, gid: -map.gid } : { uid: map.uid, gid: map.gid } } : {};
}
