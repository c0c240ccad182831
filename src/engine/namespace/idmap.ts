// Translates ids between user namespaces: from one to ids here, and from here into another.
import { type IdMaps, readIdMaps } from "../../kernel/proc/id-map.ts";
import { readNamespaceInode } from "../../kernel/proc/namespace.ts";
import { type IdExtent, innerId, outerId } from "../../namespace/id-map.ts";
import type { Engine } from "../engine.ts";
import { findNamespace } from "./find.ts";

/** Where ids are looked up: a user namespace with its maps as read from here. */
export interface IdSpace {
  readonly label: string;
  readonly inode: number;
  readonly maps: IdMaps;
}

const everything: readonly IdExtent[] = [{ inner: 0, outer: 0, count: 4_294_967_295 }];

/** Ids of the user namespace this process is in are themselves: the file would tell its parent's. */
export function ownSpace(): IdSpace {
  return { label: "this namespace", inode: readNamespaceInode("self", "user") ?? 0, maps: { uid: everything, gid: everything } };
}

/** Throws as findNamespace, and KernelError. */
export function readIdSpace(engine: Engine, reference: string): IdSpace {
  const { path, inode, pid, label } = findNamespace(engine, "user", reference);
  const own = ownSpace();
  if (inode === own.inode) return { ...own, label };
  return { label, inode, maps: readIdMaps(path, pid) };
}

export interface Translation {
  readonly type: "uid" | "gid";
  readonly from: string;
  readonly fromId: number;
  /** The id in this process's user namespace; null when it is not mapped. */
  readonly hereId: number | null;
  readonly to: string;
  /** Null when it is not mapped. */
  readonly toId: number | null;
}

/** One id of `from` as it is called in `to`. Pure. */
export function translateId(type: "uid" | "gid", fromId: number, from: IdSpace, to: IdSpace): Translation {
  const here = outerId(from.maps[type], fromId);
  const there = here === undefined ? undefined : innerId(to.maps[type], here);
  return { type, from: from.label, fromId, hereId: here ?? null, to: to.label, toId: there ?? null };
}
