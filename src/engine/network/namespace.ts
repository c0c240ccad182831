// Which network namespace a command of `tsns net` works in: this process's, or the one that --in names.
// Knows how a reference becomes a namespace file, not what is done there.
import { statSync } from "node:fs";
import type { Engine } from "../engine.ts";
import { findNamespace } from "../namespace/find.ts";

/** A network namespace to work in. */
export interface NetworkNamespace {
  /** Its file; absent for the one this process is in, so that nothing has to be entered. */
  readonly path?: string;
  readonly inode: number;
  /** A process in it, where one is known. */
  readonly pid?: number;
  /** For people: "this namespace", "container web", "process 812" ... */
  readonly label: string;
}

/** Words that stand for the namespace tsns itself is in. */
const ownWords: readonly string[] = ["host", "self"];

/** Inode of this process's network namespace. */
export function ownNetworkInode(): number {
  return statSync("/proc/self/ns/net").ino;
}

/**
 * The namespace a reference of --in, --peer-in or --to stands for: container, pid, path, inode or name; none, `host` and `self`
 * are this process's. Throws TsnsError not-found when there is none, denied when it is not ours to enter.
 */
export function networkNamespace(engine: Engine, reference: string | undefined): NetworkNamespace {
  const own = { inode: ownNetworkInode(), label: "this namespace" };
  if (reference === undefined || ownWords.includes(reference)) return own;
  const { path, inode, pid, label } = findNamespace(engine, "net", reference);
  if (inode === own.inode) return { ...own, label };
  return { path, inode, label, ...(pid === undefined ? {} : { pid }) };
}
