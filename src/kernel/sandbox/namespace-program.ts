// Calls of the native helper for namespaces that end with one answer. What its operations do is in native/ns*.c.
import { spawnSync } from "node:child_process";
import { KernelError } from "../../base/error.ts";
import { parseFailure } from "../netlink/relay.ts";
import { namespaceProgram } from "./location.ts";

/** Runs one operation; its standard output. Throws KernelError with the system call and target that failed. */
export function runNamespaceProgram(args: readonly string[], input = ""): string {
  const result = spawnSync(namespaceProgram, args, { input, encoding: "utf8", maxBuffer: 1 << 28, env: {} });
  if (result.error) throw new KernelError("exec", "code" in result.error ? String(result.error.code) : "EIO", namespaceProgram);
  if (result.status !== 0) throw parseFailure(result.stderr);
  return result.stdout;
}
