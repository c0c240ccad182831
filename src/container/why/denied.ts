// What refused a system call, from the call, its error and what is set for the container, and the smallest option that allows it. Pure.

import { describeErrno } from "../../base/error.ts";
import { defaultCapabilities } from "../capability.ts";
import type { SeccompExplanation } from "../seccomp/explain.ts";
import type { ContainerSpec } from "../spec.ts";
import { type Claim, claim } from "./claim.ts";

/** One refusal, as it was seen; the same several times is one with a count. */
export interface DeniedCall {
  readonly errno: string;
  readonly syscall: string;
  /** Effective user of the process, in the host's numbers. */
  readonly uid: number;
  /** The path it was about, where it has one. */
  readonly path?: string;
  readonly count: number;
}

export interface PathFact {
  /** Absent: nothing is there. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly isDevice?: boolean;
  /** Where the mount is that it lies on, and whether that is read-only. */
  readonly mount?: { readonly target: string; readonly readOnly: boolean };
}

export interface DeniedQuestion {
  readonly name: string;
  readonly spec: ContainerSpec;
  /** CAP_NAME without the prefix: bounding set of the container. */
  readonly capabilities: readonly string[];
  /** undefined: no filter. */
  readonly explain: ((syscall: string) => SeccompExplanation) | undefined;
  readonly pathFact: (path: string) => PathFact;
}

/** capabilities(7): what a call takes that fails with EPERM. */
const needs: Readonly<Record<string, string>> = {
  ...Object.fromEntries(["chown", "fchown", "lchown", "fchownat"].map((call) => [call, "CHOWN"])),
  ...Object.fromEntries(["chmod", "fchmod", "fchmodat", "fchmodat2", "utimensat", "utime", "utimes"].map((call) => [call, "FOWNER"])),
  ...Object.fromEntries(["setuid", "setreuid", "setresuid", "setfsuid"].map((call) => [call, "SETUID"])),
  ...Object.fromEntries(["setgid", "setregid", "setresgid", "setgroups"].map((call) => [call, "SETGID"])),
  ...Object.fromEntries(["kill", "tgkill", "tkill"].map((call) => [call, "KILL"])),
  ...Object.fromEntries(["settimeofday", "clock_settime", "adjtimex", "clock_adjtime", "stime"].map((call) => [call, "SYS_TIME"])),
  ...Object.fromEntries(["init_module", "finit_module", "delete_module"].map((call) => [call, "SYS_MODULE"])),
  ...Object.fromEntries(
    ["setpriority", "sched_setscheduler", "sched_setattr", "sched_setaffinity", "ioprio_set", "nice"].map((call) => [call, "SYS_NICE"]),
  ),
  ...Object.fromEntries(["setrlimit", "prlimit64"].map((call) => [call, "SYS_RESOURCE"])),
  ...Object.fromEntries(["ptrace", "process_vm_readv", "process_vm_writev", "kcmp"].map((call) => [call, "SYS_PTRACE"])),
  ...Object.fromEntries(["mlock", "mlock2", "mlockall"].map((call) => [call, "IPC_LOCK"])),
  ...Object.fromEntries(["mknod", "mknodat"].map((call) => [call, "MKNOD"])),
  ...Object.fromEntries(["socket", "ioctl", "sendmsg", "sendto", "setsockopt"].map((call) => [call, "NET_ADMIN"])),
  bind: "NET_BIND_SERVICE",
  chroot: "SYS_CHROOT",
  reboot: "SYS_BOOT",
  syslog: "SYSLOG",
  acct: "SYS_PACCT",
  bpf: "BPF",
  perf_event_open: "PERFMON",
  ...Object.fromEntries(
    [
      "mount",
      "umount2",
      "pivot_root",
      "setns",
      "unshare",
      "clone",
      "sethostname",
      "setdomainname",
      "swapon",
      "swapoff",
      "quotactl",
      "open_tree",
      "move_mount",
      "fsopen",
      "fsmount",
      "mount_setattr",
    ].map((call) => [call, "SYS_ADMIN"]),
  ),
};

/** A claim for each refusal. */
export const judgeDenied = (question: DeniedQuestion, calls: readonly DeniedCall[]): Claim[] =>
  calls.map((call) => judgeOne(question, call));

function judgeOne(question: DeniedQuestion, call: DeniedCall): Claim {
  return (
    readOnlyClaim(question, call) ??
    seccompClaim(question, call) ??
    mappingClaim(question, call) ??
    deviceClaim(question, call) ??
    capabilityClaim(question, call) ??
    modeClaim(question, call) ??
    claim("unknown", "refused", `${said(call)}, and nothing that is set here explains it`, evidenceOf(call))
  );
}

const said = ({ syscall, path, errno }: DeniedCall): string =>
  `${syscall}${path === undefined ? "" : ` of ${path}`} was refused: ${describeErrno(errno)}`;

const evidenceOf = ({ errno, uid, count }: DeniedCall): string[] => [`${errno}, by uid ${uid}${count > 1 ? `, ${count} times` : ""}`];

function readOnlyClaim({ spec, pathFact }: DeniedQuestion, call: DeniedCall): Claim | undefined {
  if (call.errno !== "EROFS") return undefined;
  const target = call.path === undefined ? undefined : pathFact(call.path).mount?.target;
  const own = spec.mounts.find((mount) => mount.target === target);
  const remedy = own
    ? `mount ${own.target} without ro`
    : target === undefined || target === "/"
      ? "leave out --read-only, or give the directory a --tmpfs or a volume"
      : target.startsWith("/proc") || target.startsWith("/sys")
        ? "--sysctl for one setting, --security-opt systempaths=unconfined for the paths of /proc; --privileged for /sys"
        : `a writable mount at ${target}`;
  const where = target === undefined ? "a read-only mount" : `the read-only mount ${target}`;
  return claim("proved", "read-only-mount", `${said(call)}: it lies on ${where}`, evidenceOf(call), remedy);
}

function seccompClaim({ explain }: DeniedQuestion, call: DeniedCall): Claim | undefined {
  if (!explain || (call.errno !== "EPERM" && call.errno !== "ENOSYS" && call.errno !== "EACCES")) return undefined;
  const { verdict, action, capability } = explain(call.syscall);
  if (verdict === "allowed" || action !== "errno") return undefined;
  const remedy =
    capability === undefined
      ? "--security-opt seccomp=FILE with a profile that allows it, or seccomp=unconfined"
      : `--cap-add ${capability}`;
  const grade = verdict === "refused" ? "proved" : "likely";
  const text = `${said(call)}: ${verdict === "refused" ? "the seccomp filter refuses the call" : "the seccomp filter refuses it with some arguments"}`;
  return claim(grade, "seccomp", text, evidenceOf(call), remedy);
}

function mappingClaim({ spec }: DeniedQuestion, call: DeniedCall): Claim | undefined {
  const map = spec.userNamespace;
  if (!map || !(call.errno === "EOVERFLOW" || (call.errno === "EPERM" && needs[call.syscall] !== undefined))) return undefined;
  const text = `${said(call)}: in a user namespace of its own (ids 0 to ${map.size - 1} are ${map.uid} to ${map.uid + map.size - 1} of the host) it has no rights over the rest`;
  return claim(
    call.errno === "EOVERFLOW" ? "proved" : "likely",
    "id-mapping",
    text,
    evidenceOf(call),
    "--userns host, or a larger --userns private:ID:SIZE",
  );
}

function deviceClaim({ pathFact }: DeniedQuestion, call: DeniedCall): Claim | undefined {
  if (call.path === undefined || call.errno !== "EPERM" || !pathFact(call.path).isDevice) return undefined;
  return claim("proved", "device", `${said(call)}: the container may not use this device`, evidenceOf(call), `--device ${call.path}`);
}

function capabilityClaim({ capabilities, explain }: DeniedQuestion, call: DeniedCall): Claim | undefined {
  const needed = needs[call.syscall];
  if (needed === undefined || call.errno !== "EPERM") return undefined;
  if (!capabilities.includes(needed)) {
    const usual = defaultCapabilities.includes(needed) ? `, which --cap-drop took away` : "";
    return claim("likely", "capability", `${said(call)}: it takes CAP_${needed}${usual}`, evidenceOf(call), `--cap-add ${needed}`);
  }
  if (call.uid === 0) return undefined;
  // the filter lets it through: what is missing is the user's right
  const because = explain ? "no filter refuses it" : "there is no filter";
  return claim("likely", "not-root", `${said(call)}: uid ${call.uid} has no capabilities`, [...evidenceOf(call), because], "-u 0");
}

function modeClaim({ pathFact }: DeniedQuestion, call: DeniedCall): Claim | undefined {
  if (call.path === undefined || (call.errno !== "EACCES" && call.errno !== "EPERM")) return undefined;
  const { mode, uid, gid } = pathFact(call.path);
  if (mode === undefined || uid === undefined) {
    return claim(
      "likely",
      "path-mode",
      `${said(call)}: a directory on its way may not be passed or written`,
      evidenceOf(call),
      "chmod it, or run as its owner with -u",
    );
  }
  const text = `${said(call)}: it belongs to ${uid}:${gid} with mode ${(mode & 0o7777).toString(8).padStart(4, "0")}`;
  return claim(
    "likely",
    "path-mode",
    text,
    evidenceOf(call),
    call.uid === 0 ? "--cap-add DAC_OVERRIDE, or chmod it" : `-u ${uid}, or chmod it`,
  );
}

/** What could refuse something, where no command was watched. */
export function listLimits({ spec, capabilities, explain }: DeniedQuestion): Claim[] {
  const dropped = defaultCapabilities.filter((name) => !capabilities.includes(name));
  const readOnly = spec.mounts.filter((mount) => mount.type !== "tmpfs" && mount.readOnly).map(({ target }) => target);
  const own = (condition: boolean, cause: string, text: string, remedy: string): Claim[] =>
    condition ? [claim("proved", cause, text, [], remedy)] : [];
  return [
    ...own(explain !== undefined, "seccomp", "a seccomp filter refuses system calls", "--security-opt seccomp=unconfined turns it off"),
    ...own(
      spec.apparmor !== undefined && spec.apparmor !== "unconfined",
      "apparmor",
      `the AppArmor profile ${spec.apparmor}`,
      "--security-opt apparmor=unconfined",
    ),
    ...own(
      !spec.privileged,
      "capability",
      `its capabilities are ${capabilities.length > 0 ? capabilities.join(", ") : "none"}`,
      "--cap-add gives more",
    ),
    ...own(dropped.length > 0, "capability", `of docker's default capabilities it lacks ${dropped.join(", ")}`, "leave out --cap-drop"),
    ...own(
      spec.noNewPrivileges,
      "no-new-privileges",
      "no program gives it more rights: setuid bits have no effect",
      "leave out no-new-privileges",
    ),
    ...own(spec.readOnlyRoot, "read-only-mount", "its root file system is read-only", "leave out --read-only, or add --tmpfs and volumes"),
    ...own(readOnly.length > 0, "read-only-mount", `read-only mounts: ${readOnly.join(", ")}`, "mount them without ro"),
    ...own(
      !spec.privileged && !spec.systemPaths,
      "system-paths",
      "paths of /proc and /sys are masked or read-only",
      "--security-opt systempaths=unconfined",
    ),
    ...own(spec.userNamespace !== undefined, "id-mapping", "its ids are others on the host", "--userns host"),
    ...own(spec.user !== "" && !/^(0|root)(:|$)/.test(spec.user), "not-root", `it runs as ${spec.user}`, "-u 0"),
  ];
}
