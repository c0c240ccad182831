// What unpacking puts off to the end of a layer: nodes, whiteouts, extended attributes (one run of the native program), and the
// attributes of directories, which would be disturbed by, or get in the way of, what is made in them.
import { chmodSync, chownSync, utimesSync } from "node:fs";
import { KernelError } from "../../base/error.ts";
import type { TarEntry } from "../../image/tar.ts";
import { applyNodes, type NodeFailure, type NodeOperation } from "./node-batch.ts";
import { toText } from "./path.ts";
import { fsError, type InnerPath, type Resolver, readStat } from "./resolve.ts";

export type Attributes = Pick<TarEntry, "mode" | "uid" | "gid" | "mtimeSeconds">;

/** A time as the calls of node:fs take it: they read a negative number as now, a date before 1970 as what it is. */
export const timeOf = (seconds: number): number | Date => (seconds < 0 ? new Date(seconds * 1000) : seconds);

export interface Pending {
  /** Every directory that was made; undefined: one the archive did not describe. */
  readonly directories: Map<InnerPath, Attributes | undefined>;
  readonly nodes: Map<InnerPath, TarEntry>;
  readonly xattrs: Map<InnerPath, ReadonlyMap<string, Buffer>>;
  readonly whiteouts: Set<InnerPath>;
  readonly opaque: Set<InnerPath>;
}

const nodeTypes: Readonly<Record<string, number>> = { char: 0o020000, block: 0o060000, fifo: 0o010000 };
const undescribed = { mode: 0o755, uid: 0, gid: 0 };

export function newPending(): Pending {
  return { directories: new Map(), nodes: new Map(), xattrs: new Map(), whiteouts: new Set(), opaque: new Set() };
}

/** Does it all; returns warnings for what an image can live without. */
export function applyPending(directory: string, resolver: Resolver, pending: Pending): string[] {
  const failures = applyNodes(directory, [
    ...nodeOperations(pending),
    ...hidingOperations(resolver, pending),
    ...attributeOperations(pending),
  ]);
  const warnings = failures.map((failure) => judge(failure));
  const failed = new Set(failures.map((failure) => failure.at.path));
  for (const [path, entry] of pending.nodes) if (!failed.has(path)) applyAttributes(resolver, path, entry);
  // a directory after what lies in it: without privilege its mode could forbid the way
  for (const [path, attributes] of [...pending.directories].reverse()) applyAttributes(resolver, path, attributes);
  return warnings;
}

function nodeOperations(pending: Pending): NodeOperation[] {
  return [...pending.nodes].map(([path, { type, major, minor }]) => {
    return { operation: "mknod", path, mode: (nodeTypes[type] ?? 0) | 0o600, major, minor };
  });
}

/** Whiteouts hide what lower layers have, never what this layer brings: beside a directory of this layer one makes it opaque. */
function hidingOperations(resolver: Resolver, pending: Pending): NodeOperation[] {
  const opaque = new Set(pending.opaque);
  const operations: NodeOperation[] = [];
  for (const path of pending.whiteouts) {
    const stat = readStat(resolver.full(path), path);
    if (stat?.isDirectory()) opaque.add(path);
    else if (!stat && !pending.nodes.has(path)) operations.push({ operation: "mknod", path, mode: 0o020000, major: 0, minor: 0 });
  }
  for (const path of opaque) operations.push({ operation: "setxattr", path, name: "trusted.overlay.opaque", value: Buffer.from("y") });
  return operations;
}

/** Only what belongs to the file: trusted.overlay.* of an archive could redirect into other layers, security labels are the host's. */
function isKept(name: string): boolean {
  if (name === "security.capability" || name.startsWith("system.posix_acl_")) return true;
  return name.startsWith("user.") && !name.startsWith("user.overlay.");
}

function attributeOperations(pending: Pending): NodeOperation[] {
  return [...pending.xattrs].flatMap(([path, values]) =>
    [...values].filter(([name]) => isKept(name)).map(([name, value]): NodeOperation => ({ operation: "setxattr", path, name, value })),
  );
}

/** Whiteouts and opaque marks are the image's meaning; the rest may be refused by a file system or to the unprivileged. */
function judge(failure: NodeFailure): string {
  const { at, syscall, errno } = failure;
  const isMeaning = at.operation === "setxattr" ? at.name === "trusted.overlay.opaque" : at.major === 0 && at.minor === 0;
  const isRefusal = ["EPERM", "EACCES", "EOPNOTSUPP", "ENOTSUP"].includes(errno);
  if (isMeaning || !isRefusal)
    throw new KernelError(syscall, errno, toText(at.path) || ".", {
      hint: "layers must be unpacked by root, on a disk that takes trusted attributes and device nodes",
    });
  return `${toText(at.path)}: ${at.operation === "setxattr" ? at.name : "device node"} left out (${errno})`;
}

function applyAttributes(resolver: Resolver, path: InnerPath, attributes: Attributes | undefined): void {
  const full = resolver.full(path);
  const { mode, uid, gid } = attributes ?? undescribed;
  try {
    chownSync(full, uid, gid);
    chmodSync(full, mode);
    if (attributes) utimesSync(full, timeOf(attributes.mtimeSeconds), timeOf(attributes.mtimeSeconds));
  } catch (error) {
    throw fsError("chown", error, path);
  }
}
