// Use case: files between a container and the host, or a tar (docker cp). docker's rules on where a copy lands are in src/container/copy-place.ts,
// how it is made without being led astray in src/kernel/tree/copy.ts.
import { resolve } from "node:path";
import { TsnsError } from "../../base/error.ts";
import { type CopySide, copyBase, meansDirectory, placeCopy } from "../../container/copy-place.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { copyTree } from "../../kernel/tree/copy.ts";
import { packTree, unpackInto } from "../../kernel/tree/copy-tar.ts";
import type { InsidePlace } from "../../kernel/tree/inside.ts";
import { toByteString } from "../../kernel/tree/path.ts";
import { findContainer } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { keepCapabilities } from "./cp-capability.ts";
import { type Ids, idsOf, shiftOf } from "./cp-owner.ts";
import { findOrTell, findSource, findTarget, hostPath, missingParent, noSuchFile, openHost, refuseReadOnly } from "./cp-place.ts";
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
    outside: outside.kind === "stream" ? "-" : hostPath(request.cwd, outside.path),
    follow: request.followLink,
    owners: !isFrom || request.archive,
    ...shiftOf(record, isFrom),
  } as const;
  const because = mounts
    ? "the container does not run: its root is mounted for the copy alone"
    : "through the root of the container's process";
  return engine.show({ steps: [...(volumes?.plan.steps ?? []), ...steps, { step, because }] });
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
  const path = hostPath(request.cwd, outside.path);
  using host = openHost();
  using target = findTarget(host.fd, path, () => missingParent(path));
  return await copyTo({ source, base, target, path, owner: request.archive ? ids.outward : undefined }, request, engine);
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
  const path = hostPath(request.cwd, outside.path);
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
