// Use case: files between a container and the host, or a tar (docker cp). docker's rules on where a copy lands are in src/container/copy-place.ts,
// how it is made without being led astray in src/kernel/tree/copy.ts.
import { closeSync } from "node:fs";
import { resolve } from "node:path";
import { KernelError, TsnsError } from "../../base/error.ts";
import { type CopySide, copyBase, meansDirectory, placeCopy } from "../../container/copy-place.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { readXattrs } from "../../kernel/layer/xattr.ts";
import { type Copied, copyTree } from "../../kernel/tree/copy.ts";
import { keptAttribute, packTree, unpackInto } from "../../kernel/tree/copy-tar.ts";
import { findInside, type InsidePlace, openTreeRoot } from "../../kernel/tree/inside.ts";
import { applyNodes, type NodeOperation } from "../../kernel/tree/node-batch.ts";
import { toByteString, toText } from "../../kernel/tree/path.ts";
import { findContainer } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { prepareVolumesOf } from "./create.ts";
import { recordContainerEvent } from "./event.ts";
import { treeWay, withContainerTree } from "./tree-access.ts";

export interface CopyRequest {
  readonly source: CopySide;
  readonly target: CopySide;
  readonly followLink: boolean;
  /** What is copied to the host keeps its owner; to the container it always does. */
  readonly archive: boolean;
  /** Paths of the host count from there. */
  readonly cwd: string;
  readonly write: (bytes: Uint8Array) => void;
  readonly readStdin: () => AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal | undefined;
}

type Inside = Extract<CopySide, { kind: "container" }>;
type Outside = Exclude<CopySide, { kind: "container" }>;

/** Bytes copied as a tar counts them; undefined after a dry run. Throws docker's words for what cannot be. */
export async function copyFiles(engine: Engine, request: CopyRequest): Promise<number | undefined> {
  const { source, target } = request;
  if (source.kind === "container" && target.kind === "container") {
    throw new TsnsError("unsupported", "copy-between", "copying between containers is not supported", { hint: "copy to the host first" });
  }
  const isFrom = source.kind === "container";
  const inside = isFrom ? source : target;
  const outside = isFrom ? target : source;
  if (inside.kind !== "container" || outside.kind === "container") {
    throw new TsnsError("invalid", "no-container", "must specify at least one container source", {
      hint: "write the container's path as CONTAINER:PATH",
    });
  }
  refuseEmpty(source, target);
  const record = findContainer(engine.store, inside.container);
  if (!isFrom) refuseReadOnly(record, inside.path);
  if (await showPlan(engine, record, inside, outside, isFrom, request)) return undefined;
  const bytes = await withContainerTree(engine, record, (rootFd) =>
    isFrom ? copyOut(record, rootFd, inside, outside, request, engine) : copyIn(record, rootFd, inside, outside, request, engine),
  );
  recordContainerEvent(engine, record, isFrom ? "archive-path" : "extract-to-dir", { path: inside.path });
  return bytes;
}

function refuseEmpty(source: CopySide, target: CopySide): void {
  for (const [side, what] of [
    [source, "source"],
    [target, "destination"],
  ] as const) {
    if (side.kind !== "stream" && side.path === "")
      throw new TsnsError("invalid", "empty-path", `${what} can not be empty`, { hint: "name a file or directory" });
  }
}

async function showPlan(
  engine: Engine,
  record: ContainerRecord,
  inside: Inside,
  outside: Outside,
  isFrom: boolean,
  request: CopyRequest,
): Promise<boolean> {
  if (!engine.mode.dryRun && !engine.mode.explain) return false;
  const { root, mounts, steps } = treeWay(engine, record);
  const volumes = mounts && (await prepareVolumesOf(engine, record));
  const step = {
    kind: "tree.copy",
    direction: isFrom ? "from-container" : "to-container",
    root,
    ...(mounts ? { mounts } : {}),
    inside: inside.path,
    outside: outside.kind === "stream" ? "-" : hostPath(request, outside.path),
    follow: request.followLink,
    owners: !isFrom || request.archive,
    ...shiftOf(record, isFrom),
  } as const;
  const because = mounts
    ? "the container does not run: its root is mounted for the copy alone"
    : "through the root of the container's process";
  return engine.show({ steps: [...(volumes?.plan.steps ?? []), ...steps, { step, because }] });
}

function shiftOf({ spec: { userNamespace: map } }: ContainerRecord, isFrom: boolean) {
  return map ? { shift: isFrom ? { uid: -map.uid, gid: -map.gid } : { uid: map.uid, gid: map.gid } } : {};
}

/** Absolute, as it ends: a slash or `/.` has a meaning. */
function hostPath({ cwd }: CopyRequest, path: string): string {
  const full = resolve(cwd, path);
  const end = /(^|\/)\.$/.test(path) ? "/." : path.endsWith("/") ? "/" : "";
  return full === "/" ? `/${end.slice(1)}` : `${full}${end}`;
}

/** docker's refusal, before anything is made. The longest mount on the way decides. */
function refuseReadOnly({ spec }: ContainerRecord, path: string): void {
  const full = resolve("/", path);
  const over = spec.mounts
    .filter(({ target }) => full === target || full.startsWith(`${target === "/" ? "" : target}/`))
    .sort((a, b) => b.target.length - a.target.length)[0];
  if (over && over.type !== "tmpfs" && over.readOnly) throw readOnly("mounted volume is marked read-only");
  if (!over && spec.readOnlyRoot) throw readOnly("container rootfs is marked read-only");
}

const readOnly = (message: string): TsnsError => new TsnsError("conflict", "read-only", message, { hint: "choose a writable mount of it" });

type Ids = (uid: number, gid: number) => readonly [uid: number, gid: number];

/** Ids of files on the host to those the container sees, and back. */
function idsOf({ spec: { userNamespace: map } }: ContainerRecord): { readonly inward: Ids; readonly outward: Ids } {
  if (!map) return { inward: (uid, gid) => [uid, gid], outward: (uid, gid) => [uid, gid] };
  const less = (id: number, base: number) => (id >= base && id < base + map.size ? id - base : id);
  // an id that has no place in the namespace becomes its root's
  const more = (id: number, base: number) => base + (id < map.size ? id : 0);
  return {
    inward: (uid, gid) => [more(uid, map.uid), more(gid, map.gid)],
    outward: (uid, gid) => [less(uid, map.uid), less(gid, map.gid)],
  };
}

async function copyOut(
  record: ContainerRecord,
  rootFd: number,
  inside: Inside,
  outside: Outside,
  request: CopyRequest,
  engine: Engine,
): Promise<number> {
  using source = findSource(rootFd, inside, request.followLink);
  const base = copyBase(inside.path);
  const ids = idsOf(record);
  if (outside.kind === "stream") {
    let bytes = 0;
    const write = (piece: Uint8Array) => {
      bytes += piece.length;
      request.write(piece);
    };
    const shown = toByteString(base === "" ? "/" : base);
    await drive(packTree(source.directoryFd, source.name, shown, { ids: ids.outward, write, warn: engine.warn }), request.signal);
    return bytes;
  }
  const path = hostPath(request, outside.path);
  using host = openHost();
  using target = findTarget(host.fd, path, () => missingParent(path));
  return await copyTo({ source, base, target, path, owner: request.archive ? ids.outward : undefined }, request, engine);
}

/** The container's path as docker words its absence. */
function findSource(rootFd: number, { path, container }: Inside, follow: boolean): InsidePlace {
  const place = findOrTell(rootFd, path, follow, () => noSuchFile(path, container));
  if (place.stat) return place;
  place[Symbol.dispose]();
  throw noSuchFile(path, container);
}

function noSuchFile(path: string, container: string): TsnsError {
  return new TsnsError("not-found", "no-such-file", `Could not find the file ${path} in container ${container}`, {
    hint: `tsns exec ${container} ls shows what is there`,
  });
}

function findOrTell(rootFd: number, path: string, follow: boolean, tell: () => TsnsError): InsidePlace {
  try {
    return findInside(rootFd, toByteString(path), follow);
  } catch (error) {
    if (error instanceof KernelError && error.errno === "ENOENT") throw tell();
    throw error;
  }
}

function missingParent(path: string): TsnsError {
  const parent = resolve(path, "..");
  return new TsnsError("invalid", "no-output-directory", `invalid output path: directory "${parent}" does not exist`, {
    hint: "make it first",
  });
}

const findTarget = (rootFd: number, path: string, tell: () => TsnsError): InsidePlace => findOrTell(rootFd, path, true, tell);

function openHost() {
  const fd = openTreeRoot("/");
  return { fd, [Symbol.dispose]: () => closeSync(fd) };
}

async function copyIn(
  record: ContainerRecord,
  rootFd: number,
  inside: Inside,
  outside: Outside,
  request: CopyRequest,
  engine: Engine,
): Promise<number> {
  const { inward } = idsOf(record);
  if (outside.kind === "stream") return unpackStdin(rootFd, inside, inward, request);
  const path = hostPath(request, outside.path);
  using host = openHost();
  const missing = () => new TsnsError("not-found", "no-such-file", `lstat ${path}: no such file or directory`, { hint: "check its name" });
  using source = findOrTell(host.fd, path, request.followLink, missing);
  if (!source.stat) throw missing();
  const parent = resolve("/", inside.path, "..");
  using target = findTarget(rootFd, inside.path, () => noSuchFile(parent, inside.container));
  return await copyTo({ source, base: copyBase(path), target, path: inside.path, owner: inward }, request, engine);
}

async function unpackStdin(rootFd: number, inside: Inside, ids: Ids, request: CopyRequest): Promise<number> {
  const wrong = () =>
    new TsnsError("invalid", "no-directory", `destination "${inside.container}:${inside.path}" must be a directory`, {
      hint: "make it first",
    });
  using target = findTarget(rootFd, inside.path, wrong);
  if (!target.stat?.isDirectory()) throw wrong();
  const inner = target.names.join("/");
  return await unpackInto(request.readStdin(), { root: `/proc/${process.pid}/fd/${rootFd}`, inner, ids, signal: request.signal });
}

interface Copying {
  readonly source: InsidePlace;
  /** docker's name of what is copied; "." for the contents of a directory alone. */
  readonly base: string;
  readonly target: InsidePlace;
  readonly path: string;
  readonly owner: Ids | undefined;
}

async function copyTo({ source, base, target, path, owner }: Copying, request: CopyRequest, engine: Engine): Promise<number> {
  const place = placeCopy(
    { base, isDirectory: source.stat?.isDirectory() ?? false },
    { isDirectory: target.stat?.isDirectory(), meansDirectory: meansDirectory(path) },
  );
  const name = place === "as" ? target.name : place.into === "" ? "." : toByteString(place.into);
  const copied = await drive(copyTree(source, { directoryFd: target.directoryFd, name }, { owner, warn: engine.warn }), request.signal);
  keepCapabilities(source.directoryFd, target.directoryFd, copied);
  return copied.bytes;
}

/** File capabilities, the one attribute docker keeps, of programs that have been copied. */
function keepCapabilities(sourceFd: number, targetFd: number, { programs }: Copied): void {
  const path = (fd: number) => `/proc/${process.pid}/fd/${fd}`;
  if (programs.length === 0) return;
  const found = readXattrs(
    path(sourceFd),
    programs.map(({ from }) => from),
  );
  const operations = programs.flatMap(({ from, to }): NodeOperation[] => {
    const value = found.get(from)?.get(keptAttribute);
    return value ? [{ operation: "setxattr", path: to, name: keptAttribute, value }] : [];
  });
  const [failed] = operations.length > 0 ? applyNodes(path(targetFd), operations) : [];
  if (failed) throw new KernelError(failed.syscall, failed.errno, toText(failed.at.path));
}

/** Runs a copy to its end, and lets a signal be seen now and then. */
async function drive<T>(copy: Generator<void, T>, signal: AbortSignal | undefined): Promise<T> {
  for (let entries = 1; ; entries++) {
    const next = copy.next();
    if (next.done) return next.value;
    if (entries % 64 !== 0) continue;
    await new Promise((done) => setImmediate(done));
    signal?.throwIfAborted();
  }
}
