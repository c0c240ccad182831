// What unpacking puts off to the end of a layer: nodes, whiteouts, extended attributes and exact times (one run of the native program),
// links to what comes later, and the attributes of directories, which would be disturbed by, or get in the way of, what is made in them.
import { linkSync } from "node:fs";
import { KernelError } from "../../base/error.ts";
import type { TarEntry } from "../../image/tar.ts";
import { badArchive } from "../../image/tar-header.ts";
import { type LateMap, openLateMap } from "./late-map.ts";
import { applyNodes, type NodeFailure, type NodeOperation } from "./node-batch.ts";
import { toText } from "./path.ts";
import { archiveNames, fsError, type InnerPath, joinInner, type Resolver, readStat } from "./resolve.ts";
import { type Attributes, type ExactTime, exactTimeOf, setDirectoryAttributes, wholeSeconds } from "./unpack-attribute.ts";

export type LateLink = Pick<TarEntry, "path" | "linkPath">;

export interface Pending {
  /** Every directory that was made; null: one the archive did not describe. */
  readonly directories: LateMap<Attributes | null>;
  readonly nodes: Map<InnerPath, TarEntry>;
  readonly xattrs: Map<InnerPath, ReadonlyMap<string, Buffer>>;
  /** Of all but directories. */
  readonly times: Map<InnerPath, ExactTime>;
  /** Hard links to names that are not there yet. */
  readonly links: Map<InnerPath, LateLink>;
  readonly whiteouts: LateMap<null>;
  readonly opaque: LateMap<null>;
}

const nodeTypes: Readonly<Record<string, number>> = { char: 0o020000, block: 0o060000, fifo: 0o010000 };

/** For what is unpacked into `directory`. */
export function newPending(directory: string): Pending {
  return {
    directories: openLateMap({ directory, own: true }),
    nodes: new Map(),
    xattrs: new Map(),
    times: new Map(),
    links: new Map(),
    // a directory that comes again after it was replaced is hidden below all the same
    whiteouts: openLateMap({ directory, own: false }),
    opaque: openLateMap({ directory, own: true }),
  };
}

/** Forgets it all. May be called again. */
export function closePending({ directories, whiteouts, opaque }: Pending): void {
  for (const map of [directories, whiteouts, opaque]) map.close();
}

/** Does it all; returns warnings for what an image can live without. */
export function applyPending(directory: string, resolver: Resolver, pending: Pending): string[] {
  const warnings = applyFiles(directory, pending);
  applyLinks(resolver, pending);
  for (const operations of hidingOperations(resolver, pending)) warnings.push(...run(directory, operations));
  for (const directories of pending.directories.segments()) {
    // a directory after what lies in it: without privilege its mode could forbid the way
    for (const path of [...directories.keys()].reverse()) setDirectoryAttributes(resolver, path, directories.get(path));
    warnings.push(...run(directory, exactTimes(directories)));
  }
  return warnings;
}

function exactTimes(directories: ReadonlyMap<InnerPath, Attributes | null>): NodeOperation[] {
  const operations: NodeOperation[] = [];
  for (const [path, attributes] of directories) {
    const time = attributes && exactTimeOf(attributes);
    if (time) operations.push({ operation: "times", path, ...time });
  }
  return operations;
}

/** Nodes, extended attributes and times of files: may be done at any time, and are no longer pending then. */
export function applyFiles(directory: string, pending: Pending): string[] {
  const { nodes, xattrs, times } = pending;
  const warnings = run(directory, [...nodeOperations(nodes), ...attributeOperations(xattrs), ...timeOperations(times)]);
  nodes.clear();
  xattrs.clear();
  times.clear();
  return warnings;
}

function run(directory: string, operations: readonly NodeOperation[]): string[] {
  const failures = applyNodes(directory, operations);
  const missing = new Set(failures.flatMap(({ at }) => (at.operation === "mknod" ? [at.path] : [])));
  return failures.filter(({ at }) => at.operation === "mknod" || !missing.has(at.path)).map((failure) => judge(failure));
}

function nodeOperations(nodes: Pending["nodes"]): NodeOperation[] {
  return [...nodes].flatMap(([path, { type, major, minor, mode, uid, gid, mtimeSeconds, mtimeNanoseconds }]): NodeOperation[] => [
    { operation: "mknod", path, mode: (nodeTypes[type] ?? 0) | 0o600, major, minor },
    { operation: "own", path, mode, uid, gid },
    { operation: "times", path, seconds: wholeSeconds(mtimeSeconds, mtimeNanoseconds ?? 0), nanoseconds: mtimeNanoseconds ?? 0 },
  ]);
}

function timeOperations(times: Pending["times"]): NodeOperation[] {
  return [...times].map(([path, time]): NodeOperation => ({ operation: "times", path, ...time }));
}

/** Links to links that come later still: as often as one more can be made. */
function applyLinks(resolver: Resolver, { links }: Pending): void {
  for (let made = true; made && links.size > 0; ) {
    made = false;
    for (const [path, entry] of links) {
      const source = findLinkSource(resolver, entry);
      if (source === undefined) continue;
      try {
        linkSync(resolver.full(source), resolver.full(path));
      } catch (error) {
        throw fsError("link", error, path);
      }
      links.delete(path);
      made = true;
    }
  }
  for (const entry of links.values()) throw noLinkSource(entry);
}

/** The target of a hard link, if it is there; its last name is not followed. Throws for a directory. */
export function findLinkSource(resolver: Resolver, entry: LateLink): InnerPath | undefined {
  const names = archiveNames(entry.linkPath);
  const name = names.pop();
  if (name === undefined) throw noLinkSource(entry);
  const parent = resolver.directory(names);
  if (parent === undefined) return undefined;
  const source = joinInner(parent, name);
  const stat = readStat(resolver.full(source), source);
  if (stat?.isDirectory()) throw noLinkSource(entry);
  return stat && source;
}

function noLinkSource(entry: LateLink): unknown {
  return badArchive(`${toText(entry.path)} is a hard link to ${toText(entry.linkPath)}, which is not in it`);
}

/**
 * Whiteouts hide what lower layers have, never what this layer brings: beside a directory of this layer one makes it opaque. Each list is
 * made when the one before has been done.
 */
function* hidingOperations(resolver: Resolver, { whiteouts, opaque }: Pending): Generator<NodeOperation[]> {
  for (const segment of whiteouts.segments()) {
    const operations: NodeOperation[] = [];
    for (const path of segment.keys()) {
      const stat = readStat(resolver.full(path), path);
      if (stat?.isDirectory()) operations.push(opaqueMark(path));
      else if (!stat) operations.push({ operation: "mknod", path, mode: 0o020000, major: 0, minor: 0 });
    }
    yield operations;
  }
  for (const segment of opaque.segments()) yield [...segment.keys()].map(opaqueMark);
}

const opaqueMark = (path: InnerPath): NodeOperation => ({
  operation: "setxattr",
  path,
  name: "trusted.overlay.opaque",
  value: Buffer.from("y"),
});

/** Only what belongs to the file: trusted.overlay.* of an archive could redirect into other layers, security labels are the host's. */
function isKept(name: string): boolean {
  if (name === "security.capability" || name.startsWith("system.posix_acl_")) return true;
  return name.startsWith("user.") && !name.startsWith("user.overlay.");
}

function attributeOperations(xattrs: Pending["xattrs"]): NodeOperation[] {
  return [...xattrs].flatMap(([path, values]) =>
    [...values].filter(([name]) => isKept(name)).map(([name, value]): NodeOperation => ({ operation: "setxattr", path, name, value })),
  );
}

/** Whiteouts and opaque marks are the image's meaning; the rest may be refused by a file system or to the unprivileged. */
function judge(failure: NodeFailure): string {
  const { at, syscall, errno } = failure;
  const isMeaning =
    at.operation === "setxattr"
      ? at.name === "trusted.overlay.opaque"
      : at.operation !== "mknod" || (at.mode === 0o020000 && at.major === 0 && at.minor === 0);
  const isRefusal = ["EPERM", "EACCES", "EOPNOTSUPP", "ENOTSUP"].includes(errno);
  if (isMeaning || !isRefusal)
    throw new KernelError(syscall, errno, toText(at.path) || ".", {
      hint: "layers must be unpacked by root, on a disk that takes trusted attributes and device nodes",
    });
  return `${toText(at.path)}: ${at.operation === "setxattr" ? at.name : "device node"} left out (${errno})`;
}
