// Content-addressed blobs below the data root: blobs/sha256/<hex>. Written whole or not at all.
// Knows no meaning of their bytes.
import { createHash } from "node:crypto";
import { linkSync, unlinkSync, writeFileSync } from "node:fs";
import { isErrno, TsnsError } from "../base/error.ts";
import { ensureDirectory } from "./directory.ts";
import { ioError } from "./io-error.ts";
import { temporaryPath } from "./temporary.ts";

/** `sha256:<hex>` of some bytes. */
export function digestOf(bytes: Uint8Array | string): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** Path of a blob; the digest must be a well-formed `sha256:<hex>`. */
export function blobPath(root: string, digest: string): string {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  if (hex === undefined) throw new TsnsError("invalid", "bad-digest", `${JSON.stringify(digest)} is no sha256 digest`);
  return `${root}/blobs/sha256/${hex}`;
}

/** Stores bytes under their digest, which it returns. Throws KernelError when the disk is full. */
export function putBlob(root: string, bytes: Uint8Array | string): string {
  const digest = digestOf(bytes);
  const path = blobPath(root, digest);
  const temporary = temporaryPath(root);
  ensureDirectory(`${root}/blobs/sha256`, 0o700);
  try {
    writeFileSync(temporary, bytes, { mode: 0o600, flag: "wx", flush: true });
    linkSync(temporary, path);
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw ioError(error, `the blob ${digest}`);
  } finally {
    unlinkIfThere(temporary);
  }
  return digest;
}

/** Removes a blob; a missing one is no error. */
export function removeBlob(root: string, digest: string): void {
  unlinkIfThere(blobPath(root, digest));
}

/** A missing file is no error. */
export function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
}
