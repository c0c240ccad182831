// Calls of dist/tsns-ns for mounts. What the operations do is in native/ns-mount.c.
import type { KernelError } from "../../base/error.ts";
import { type FailureWords, runNamespaceProgram } from "../sandbox/namespace-program.ts";

function explainDenied({ errno }: KernelError): FailureWords {
  if (errno !== "EPERM" && errno !== "EACCES") return {};
  return { hint: process.geteuid?.() === 0 ? "refused to root too: by this file system, or a security module" : "run as root" };
}

/** Runs one operation; its standard output. Throws KernelError with the system call and target that failed. */
export function runMountProgram(args: readonly string[], input?: Uint8Array): Buffer {
  return runNamespaceProgram(args, { ...(input ? { input } : {}), explain: explainDenied });
}
