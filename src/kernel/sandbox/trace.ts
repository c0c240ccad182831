// A plan of the native helper carried out under ptrace: which system calls of the container's command were refused (native/ns-trace.c).
import { spawnSync } from "node:child_process";
import { readlinkSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import { syscallName, syscallNumbers } from "../../container/seccomp/table.ts";
import type { DeniedCall } from "../../container/why/denied.ts";
import { namespaceProgram, sandboxProgram } from "./location.ts";

/** Which argument of a call is the path that it is about. */
const pathArguments: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    [
      "open",
      "creat",
      "stat",
      "lstat",
      "access",
      "mkdir",
      "rmdir",
      "unlink",
      "chmod",
      "chown",
      "lchown",
      "truncate",
      "execve",
      "mknod",
      "chdir",
      "chroot",
      "readlink",
      "utime",
      "utimes",
      "umount2",
      "setxattr",
      "removexattr",
      "swapon",
      "acct",
    ].map((call) => [call, 0]),
  ),
  ...Object.fromEntries(
    [
      "openat",
      "openat2",
      "mkdirat",
      "unlinkat",
      "fchmodat",
      "fchmodat2",
      "fchownat",
      "faccessat",
      "faccessat2",
      "mknodat",
      "utimensat",
      "execveat",
      "mount",
      "symlink",
      "link",
      "rename",
      "renameat",
    ].map((call) => [call, 1]),
  ),
};

/** Calls that fail in any program and mean nothing: a shell asks for its terminal, a library whether there is a feature. */
const meaningless = /^(EPERM|ENOSYS) (rseq|set_robust_list|clone3|statx|faccessat2|close_range|landlock_create_ruleset)$/;

/** Each refusal once, with how often it came. The command's own output goes to standard error. Throws KernelError, unavailable. */
export function traceRefusals(planPath: string, pid: number, architecture: "amd64" | "arm64"): DeniedCall[] {
  const inode = /\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/ns/mnt`))?.[1] ?? "0";
  const call = architecture === "amd64" ? "SCMP_ARCH_X86_64" : "SCMP_ARCH_AARCH64";
  const numbers = syscallNumbers(call);
  const words = Object.entries(pathArguments).flatMap(([name, at]) => (numbers.has(name) ? [`${numbers.get(name)}:${at}`] : []));
  const run = spawnSync(namespaceProgram, ["trace", "3", inode, ...words, "--", sandboxProgram, "run", planPath, "--attach"], {
    stdio: ["ignore", 2, "inherit", "pipe"],
    maxBuffer: 1 << 28,
  });
  const lines = String(run.output?.[3] ?? "");
  if (run.error || (run.status === 125 && lines === "")) {
    throw new TsnsError("unavailable", "not-traced", "the command could not be run and watched", {
      hint: "tracing takes CAP_SYS_PTRACE; try the command with tsns exec",
    });
  }
  return collect(lines, (number) => syscallName(call, number) ?? `system call ${number}`);
}

function collect(lines: string, nameOf: (number: number) => string): DeniedCall[] {
  const found = new Map<string, DeniedCall>();
  for (const line of lines.split("\n")) {
    const [, errno = "", number, uid, path = ""] = /^(\w+) (\d+) (\d+) (.*)$/.exec(line) ?? [];
    if (number === undefined) continue;
    const syscall = nameOf(Number(number));
    if (meaningless.test(`${errno} ${syscall}`)) continue;
    const key = `${errno} ${syscall} ${uid} ${path}`;
    const count = (found.get(key)?.count ?? 0) + 1;
    found.set(key, { errno, syscall, uid: Number(uid), count, ...(path === "" ? {} : { path }) });
  }
  return [...found.values()];
}
