// The shell's words for operations of the native helper.
import type { Operation } from "../operation.ts";
import { quoteWord, words } from "./word.ts";

const namespaceOptions: readonly (readonly [flag: number, option: string])[] = [
  [0x00020000, "--mount"],
  [0x20000000, "--pid --fork"],
  [0x40000000, "--net"],
  [0x08000000, "--ipc"],
  [0x04000000, "--uts"],
  [0x10000000, "--user"],
  [0x02000000, "--cgroup"],
];

const optionsOf = (flags: string) =>
  namespaceOptions.flatMap(([flag, option]) => ((Number(flags) & flag) === flag ? [option] : [])).join(" ");

type OperationShell = (args: readonly string[]) => string;

const operationRenderers: Readonly<Record<string, OperationShell>> = {
  unshare: ([flags = "0"]) => `unshare ${optionsOf(flags)}`,
  clone: ([flags = "0"]) => `unshare ${optionsOf(flags)} sh`,
  "cgroup-join": ([file = ""]) => `echo $$ > ${quoteWord(file)}`,
  mount: ([source = "", target = "", type = "", , data = ""]) =>
    type ? words("mount", "-t", type, "-o", data || "defaults", source || "none", target) : words("mount", "--make-rprivate", target),
  "mount-at": ([source = "", target = "", type = "", , data = ""]) =>
    words("mount", "-t", type, "-o", data || "defaults", source, `root${target}`),
  "bind-at": ([source = "", target = "", attributes = "0"]) =>
    words("mount", "--rbind", ...(Number(attributes) & 1 ? ["-o", "ro"] : []), source, `root${target}`),
  "mkdir-at": ([path = ""]) => words("mkdir", "-p", `root${path}`),
  "touch-at": ([path = ""]) => words("touch", `root${path}`),
  "symlink-at": ([target = "", path = ""]) => words("ln", "-sfn", target, `root${path}`),
  "mknod-at": ([path = "", mode = "", major = "", minor = ""]) =>
    words("mknod", "-m", mode.slice(-3), `root${path}`, mode.startsWith("6") ? "b" : "c", major, minor),
  "mask-at": ([path = ""]) => words("mount", "--bind", "/dev/null", `root${path}`),
  "readonly-at": ([path = ""]) => words("mount", "--bind", "-o", "ro", `root${path}`, `root${path}`),
  "remount-at": ([path = ""]) => words("mount", "-o", "remount,bind,ro", `root${path}`),
  "loop-mount": ([file = "", target = "", type = ""]) => words("mount", "-o", "loop", "-t", type, file, target),
  mkdir: ([path = ""]) => words("mkdir", path),
  pivot: () => "cd root && pivot_root . . && umount -l .",
  hostname: ([name = ""]) => words("hostname", name),
  sysctl: ([key = "", value = ""]) => words("sysctl", "-w", `${key}=${value}`),
  setns: ([fd = ""]) => `nsenter # namespace on descriptor ${fd}`,
  netlink: ([fd = ""]) => `ip link # one rtnetlink message on socket ${fd}`,
  caps: ([bounding = ""]) => `capsh --drop=... # bounding set 0x${bounding}`,
  chdir: ([path = ""]) => words("cd", path),
  env: ([entry = ""]) => words("export", entry),
  umask: ([mask = ""]) => words("umask", mask),
  exec: (args) => words("exec", ...args),
};

/** The shell's word for one operation of the native helper; empty where a shell has none. */
export function shellOfOperation([name, ...args]: Operation): string {
  return operationRenderers[name]?.(args) ?? "";
}
