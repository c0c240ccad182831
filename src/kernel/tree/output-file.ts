// A file that is written whole or not at all: beside its place under another name, renamed at the end. What is no regular file (a pipe, a
// device) is written as it is. What a killed command left beside the place goes first: it may be what fills the disk.
import { closeSync, fchmodSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { KernelError } from "../../base/error.ts";
import { pathHint } from "../../base/path-hint.ts";
import { stagedName, sweepStaged } from "./output-name.ts";
import { readPathStat } from "./path-stat.ts";

export interface OutputFile extends Disposable {
  write(bytes: Uint8Array): void;
  /** Puts it in its place. Disposing without leaves what was there. */
  commit(): void;
}

/** `mode` of a new file. Throws KernelError naming the path. */
export function openOutputFile(path: string, mode = 0o600): OutputFile {
  const stat = readPathStat(path);
  if (stat?.isDirectory()) throw new KernelError("open", "EISDIR", path, pathHint("EISDIR", path));
  const isDirect = stat !== undefined && !stat.isFile();
  const staged = isDirect ? path : stagedName(path);
  if (!isDirect) sweepStaged(path);
  const fail = (syscall: string, error: unknown): unknown => {
    if (!(error instanceof Error) || !("code" in error)) return error;
    const errno = String(error.code);
    return new KernelError(syscall, errno, path, { cause: error, ...pathHint(errno, path) });
  };
  let fd: number;
  try {
    fd = openSync(staged, isDirect ? "w" : "wx", mode);
    if (stat?.isFile()) fchmodSync(fd, stat.mode & 0o777);
  } catch (error) {
    throw fail("open", error);
  }
  const close = () => {
    if (fd < 0) return;
    closeSync(fd);
    fd = -1;
    if (!isDirect) rmSync(staged, { force: true });
  };
  return {
    write(bytes) {
      try {
        for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
      } catch (error) {
        throw fail("write", error);
      }
    },
    commit() {
      try {
        if (!isDirect) renameSync(staged, path);
      } catch (error) {
        throw fail("rename", error);
      }
      closeSync(fd);
      fd = -1;
    },
    [Symbol.dispose]: close,
  };
}

/** Throws what opening it for writing would, changing nothing: for a dry run. */
export function checkWritable(path: string): void {
  const stat = readPathStat(path);
  if (stat?.isDirectory()) throw new KernelError("open", "EISDIR", path, pathHint("EISDIR", path));
  const parent = path.slice(0, Math.max(path.lastIndexOf("/"), 1));
  if (!stat && !readPathStat(parent)?.isDirectory()) throw new KernelError("open", "ENOENT", path, pathHint("ENOENT", path));
}
