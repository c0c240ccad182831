// Writes an upper directory as a layer tar, the same bytes for the same tree. Which entries, in which form, is src/layer/tar.ts's.
import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { KernelError, TsnsError } from "../../base/error.ts";
import { renderTarHeader, tarEnd, tarPadding } from "../../image/tar-write.ts";
import type { LayerEntry } from "../../layer/entry.ts";
import { layoutTar, needsLower } from "../../layer/tar.ts";
import type { LayerPack } from "../../plan/step/layer.ts";
import { stagedName, sweepStaged } from "../tree/output-name.ts";
import { type ByteString, toText } from "../tree/path.ts";
import { openStack } from "./stack.ts";
import { openLayerFile, readLink, walkLayer } from "./walk.ts";

const chunkBytes = 256 << 10;

export interface Packed {
  /** `sha256:<hex>` of the tar: the layer's diff id. */
  readonly diffId: string;
  readonly sizeBytes: number;
  readonly entries: number;
  readonly warnings: readonly string[];
}

/** `write` takes the tar where `archive` is "-"; a file is complete or not there. Throws KernelError, conflict from the layout. */
export function packLayer(step: LayerPack, write: (bytes: Uint8Array) => void): Packed {
  const leftOut = new Set(step.leaveOut ?? []);
  const entries = walkLayer(step.directory).filter(({ path }) => !leftOut.has(`/${toText(path)}`));
  const layout = layoutTar(entries, step.sourceDateEpoch);
  const staged = step.archive === "-" ? undefined : stagedName(step.archive);
  if (staged !== undefined) sweepStaged(step.archive);
  const fd = staged === undefined ? undefined : createFile(staged, step.archive);
  const hash = createHash("sha256");
  let sizeBytes = 0;
  const put = (bytes: Buffer): void => {
    hash.update(bytes);
    sizeBytes += bytes.length;
    if (fd === undefined) write(bytes);
    else for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
  };
  try {
    for (const { header, dataOf } of layout.members) {
      const linkPath = header.type === "symlink" ? readLink(step.directory, header.path) : (header.linkPath ?? "");
      put(renderTarHeader({ ...header, linkPath }));
      if (dataOf) putData(step, dataOf, put);
    }
    put(tarEnd());
    if (staged !== undefined) renameSync(staged, step.archive);
  } catch (error) {
    if (staged !== undefined) rmSync(staged, { force: true });
    throw isNodeError(error) ? new KernelError("write", error.code, step.archive, { cause: error }) : error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
  return { diffId: `sha256:${hash.digest("hex")}`, sizeBytes, entries: layout.members.length, warnings: layout.warnings.map(toText) };
}

function isNodeError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && !(error instanceof TsnsError) && "code" in error && typeof error.code === "string" && "syscall" in error;
}

function createFile(path: string, shown: string): number {
  try {
    return openSync(path, "wx", 0o644);
  } catch (error) {
    const errno = error instanceof Error && "code" in error ? String(error.code) : "EIO";
    throw new KernelError("open", errno, shown, { cause: error, hint: "give -o the path of a file in a directory that is there" });
  }
}

function putData(step: LayerPack, entry: LayerEntry, put: (bytes: Buffer) => void): void {
  const fd = needsLower(entry) ? openBelow(step, entry.path) : openLayerFile(step.directory, entry.path);
  if (fd === undefined) throw changed(entry);
  try {
    if (!fstatSync(fd).isFile()) throw changed(entry);
    for (let left = entry.sizeBytes; left > 0; ) {
      const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, left));
      const count = readSync(fd, buffer, 0, buffer.length, null);
      if (count === 0) throw changed(entry);
      put(buffer.subarray(0, count));
      left -= count;
    }
    put(tarPadding(entry.sizeBytes));
  } finally {
    closeSync(fd);
  }
}

/** The data of a copy of metadata alone, from the layers below. */
function openBelow(step: LayerPack, path: ByteString): number | undefined {
  const stack = openStack([step.directory, ...step.lower]);
  let within = stack.root;
  const names = path.split("/");
  for (const name of names.slice(0, -1)) within = stack.lookUp(within, name).directories;
  const hit = stack.lookUp(within, names.at(-1) ?? "").hits.findLast(({ role }) => role === "data");
  if (hit) return openLayerFile(stack.directories[hit.layer] ?? "", hit.entry.path);
  throw new TsnsError("conflict", "no-data", `/${toText(path)} has only metadata here: its data is in a layer below that is not known`, {
    hint: "name the mounted overlay or its container instead of the upper directory, or give --lower DIR",
  });
}

function changed(entry: LayerEntry): TsnsError {
  return new TsnsError("conflict", "changed-meanwhile", `/${toText(entry.path)} changed while it was read`, {
    hint: "stop what writes to it and try again",
  });
}
