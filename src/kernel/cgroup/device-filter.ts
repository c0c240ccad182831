// Device programs of cgroup v2, attached by the native helper, because Node knows no bpf(2).
import { spawnSync } from "node:child_process";
import { KernelError } from "../../base/error.ts";
import { helperMissing, namespaceProgram } from "../sandbox/location.ts";

/** Runs the helper; its standard output. Throws KernelError. */
function runHelper(args: readonly string[], doing: string): string {
  const result = spawnSync(namespaceProgram, args, { encoding: "utf8", env: {} });
  if (result.error || result.status === null) {
    throw helperMissing(namespaceProgram, { cause: result.error });
  }
  if (result.status === 0) return result.stdout;
  const [errno = "EIO", syscall = "bpf", target = ""] = result.stderr.trim().split("\t");
  const hint = {
    EPERM: "needs CAP_SYS_ADMIN, or CAP_BPF and CAP_NET_ADMIN",
    EINVAL: "the kernel was built without CONFIG_CGROUP_BPF",
    ENOSYS: "the kernel was built without CONFIG_BPF_SYSCALL",
  }[errno];
  throw new KernelError(syscall, errno, target, { message: `cannot ${doing}: ${syscall}: ${errno}`, ...(hint ? { hint } : {}) });
}

/** Attaches a program in place of those the group has; an empty one only takes them off. */
export function replaceDeviceFilter(path: string, programHex: string): void {
  runHelper(["cgroup-devices", path, programHex], `set the device filter of ${path}`);
}

/** How many device programs a v2 group has itself. */
export function countDeviceFilters(path: string): number {
  return Number(runHelper(["cgroup-devices", path], `look at the device filter of ${path}`).trim()) || 0;
}
