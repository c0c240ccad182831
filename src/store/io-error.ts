// A system call that failed on a file of the store, in words: what it was for, and what to do about a full disk.
import { KernelError, TsnsError } from "../base/error.ts";

/** KernelError for a Node system error on `what` ("the layer sha256:..."); other errors, TsnsErrors too, come back as they are. */
export function ioError(error: unknown, what: string, syscall?: string): unknown {
  if (error instanceof TsnsError || !(error instanceof Error && "code" in error && typeof error.code === "string" && "syscall" in error)) {
    return error;
  }
  const isFull = error.code === "ENOSPC" || error.code === "EDQUOT";
  return new KernelError(syscall ?? String(error.syscall), error.code, what, {
    cause: error,
    ...(isFull ? { hint: "free space below the data root; nothing of it was stored" } : {}),
  });
}
