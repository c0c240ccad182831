// Blobs that stream in: hashed and counted while they are written to tmp/, visible under their digest only when both are right.
// Knows no meaning of their bytes. What a killed command leaves in tmp/ is swept by the next one (temporary.ts).
import { createHash } from "node:crypto";
import { closeSync, fdatasync, fdatasyncSync, linkSync, openSync, statSync, writeSync } from "node:fs";
import { promisify } from "node:util";
import { isErrno, TsnsError } from "../base/error.ts";
import { blobPath, unlinkIfThere } from "./blob.ts";
import { ensureDirectory } from "./directory.ts";
import { ioError } from "./io-error.ts";
import { temporaryPath } from "./temporary.ts";

export interface Expected {
  /** `sha256:<hex>`. */
  readonly digest?: string | undefined;
  readonly sizeBytes?: number | undefined;
}

export interface StoredBlob {
  readonly digest: string;
  readonly sizeBytes: number;
}

export interface Ingest extends Disposable {
  /** Bytes written so far: where a broken download goes on. */
  readonly writtenBytes: number;
  /** Throws TsnsError invalid `blob-size` as soon as there is more than expected, KernelError when the disk is full. */
  write(bytes: Uint8Array): void;
  /** Brings what is written to the disk while others go on: the commit that follows need not wait for it. */
  flush(): Promise<void>;
  /**
   * Makes the blob visible; `digest` where it was not known at the beginning. Throws TsnsError invalid `blob-mismatch`, `blob-size` when it is
   * not what was expected; nothing is visible then.
   */
  commit(digest?: string): StoredBlob;
}

/** Begins a blob. `what` names it in errors ("the layer sha256:... of app:1"). Disposing without a commit leaves nothing. */
export function openIngest(root: string, what: string, expected: Expected = {}): Ingest {
  const path = temporaryPath(root);
  const hash = createHash("sha256");
  let fd = guard("open", () => openSync(path, "wx", 0o600));
  let writtenBytes = 0;
  let flushedBytes = -1;
  function guard<T>(syscall: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw ioError(error, what, syscall);
    }
  }
  const close = () => {
    if (fd < 0) return;
    closeSync(fd);
    fd = -1;
    unlinkIfThere(path);
  };
  return {
    get writtenBytes() {
      return writtenBytes;
    },
    write(bytes) {
      if (expected.sizeBytes !== undefined && writtenBytes + bytes.length > expected.sizeBytes) throw wrongSize(what, expected.sizeBytes);
      for (let at = 0; at < bytes.length; ) at += guard("write", () => writeSync(fd, bytes, at));
      hash.update(bytes);
      writtenBytes += bytes.length;
    },
    async flush() {
      const bytes = writtenBytes;
      await promisify(fdatasync)(fd).catch((error: unknown) => Promise.reject(ioError(error, what)));
      flushedBytes = bytes;
    },
    commit(wanted = expected.digest) {
      if (expected.sizeBytes !== undefined && writtenBytes !== expected.sizeBytes) {
        throw wrongSize(what, expected.sizeBytes, writtenBytes);
      }
      const digest = `sha256:${hash.digest("hex")}`;
      if (wanted !== undefined && digest !== wanted) throw mismatch(what, wanted, digest);
      // A power failure must not leave a name whose bytes never reached the disk.
      if (flushedBytes !== writtenBytes) guard("fdatasync", () => fdatasyncSync(fd));
      ensureDirectory(`${root}/blobs/sha256`, 0o700);
      try {
        linkSync(path, blobPath(root, digest));
      } catch (error) {
        if (!isErrno(error, "EEXIST")) throw ioError(error, what);
      }
      close();
      return { digest, sizeBytes: writtenBytes };
    },
    [Symbol.dispose]: close,
  };
}

/** Size in bytes of a blob that is there. */
export function blobSize(root: string, digest: string): number | undefined {
  return statSync(blobPath(root, digest), { throwIfNoEntry: false })?.size;
}

function wrongSize(what: string, expectedBytes: number, actualBytes?: number): TsnsError {
  const actual = actualBytes === undefined ? "longer" : `${actualBytes} bytes long`;
  return new TsnsError("invalid", "blob-size", `${what} is ${actual}, not ${expectedBytes} bytes`, {
    hint: "fetch it again; nothing was stored",
  });
}

function mismatch(what: string, expected: string, actual: string): TsnsError {
  return new TsnsError("invalid", "blob-mismatch", `${what} does not match its digest: it is ${actual}, not ${expected}`, {
    hint: "fetch it again; nothing was stored",
  });
}
