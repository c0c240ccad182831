// Calls of dist/tsns-ns for mounts: arguments in, KernelError out. What the operations do is in native/ns-mount.c.
import { spawnSync } from "node:child_process";
import { KernelError, TsnsError } from "../../base/error.ts";
import { namespaceProgram } from "../sandbox/location.ts";

const denied = () => ({
  hint: process.geteuid?.() === 0 ? "refused to root too: by this file system, or a security module" : "run as root",
});

/** Runs one operation; its standard output. Throws KernelError with the system call and target that failed. */
export function callNamespaceProgram(args: readonly string[], input?: Buffer): Buffer {
  const result = spawnSync(namespaceProgram, args, {
    ...(input ? { input } : { stdio: ["ignore", "pipe", "pipe"] }),
    maxBuffer: 1 << 30,
    env: {},
  });
  if (result.error) {
    throw new TsnsError("unavailable", "no-native-program", `cannot run ${namespaceProgram}: ${result.error.message}`, {
      hint: "build it: npm ci",
    });
  }
  if (result.status === 0) return result.stdout;
  const [errno = "", syscall = "exec", target = args[0] ?? ""] = result.stderr.toString("utf8").trim().split("\t");
  throw new KernelError(syscall, errno === "" ? "EIO" : errno, target, errno === "EPERM" || errno === "EACCES" ? denied() : {});
}
