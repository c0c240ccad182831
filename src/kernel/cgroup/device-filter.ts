// Device programs of cgroup v2, attached by the native helper, because Node knows no bpf(2).
import type { KernelError } from "../../base/error.ts";
import { type FailureWords, runNamespaceProgram } from "../sandbox/namespace-program.ts";

const hints: Readonly<Record<string, string>> = {
  EPERM: "needs CAP_SYS_ADMIN, or CAP_BPF and CAP_NET_ADMIN",
  EINVAL: "the kernel was built without CONFIG_CGROUP_BPF",
  ENOSYS: "the kernel was built without CONFIG_BPF_SYSCALL",
};

const explain =
  (doing: string) =>
  ({ syscall, errno }: KernelError): FailureWords => {
    const hint = hints[errno];
    return { message: `cannot ${doing}: ${syscall}: ${errno}`, ...(hint ? { hint } : {}) };
  };

/** Attaches a program in place of those the group has; an empty one only takes them off. */
export function replaceDeviceFilter(path: string, programHex: string): void {
  runNamespaceProgram(["cgroup-devices", path, programHex], { explain: explain(`set the device filter of ${path}`) });
}
