// The error that a failed operation of the native helper becomes, in docker's words and with docker's exit codes. Loaded when one has failed.
import { describeErrno, KernelError, TsnsError } from "../../base/error.ts";
import { rlimitNumbers } from "../../container/rlimit.ts";
import type { SandboxFailure } from "./report.ts";

/** Undefined: nothing more is known than the system call that failed. `exitCode` is for what an exec, too, may be asked for. */
type Explain = (failure: SandboxFailure, exitCode: number) => TsnsError | undefined;

/** By operation. */
const explanations: Readonly<Record<string, Explain>> = {
  exec: commandError,
  user: userError,
  "log-sink": logServerError,
  seccomp: ({ errno }, exitCode) =>
    new TsnsError("unsupported", "no-seccomp", `cannot set the seccomp filter: ${describeErrno(errno)}`, {
      hint: "use a kernel with CONFIG_SECCOMP_FILTER, or --security-opt seccomp=unconfined",
      exitCode,
    }),
  apparmor({ errno, detail }, exitCode) {
    const reason = errno === "ENOENT" ? "no such profile is loaded" : describeErrno(errno);
    return new TsnsError("invalid", "no-apparmor-profile", `--security-opt apparmor=${detail}: ${reason}`, {
      hint: "aa-status lists the profiles that are loaded",
      exitCode,
    });
  },
  clone({ detail }, exitCode) {
    const signal = refusedSignals.exec(detail)?.[1];
    if (!signal) return undefined;
    return new TsnsError("denied", "start-refused", `the process that becomes the command was ended by signal ${signal} before it could`, {
      hint: "a seccomp profile must allow what a start takes: setuid, capset, prctl, sendmsg, execve ...",
      exitCode,
    });
  },
  // the kernel's words: "Specified qdisc kind is unknown", "TC classifier not found", "Failed to load TC action module"
  netlink({ errno, detail }) {
    if (errno !== "ENOENT" || !/qdisc|classifier|action/.test(detail)) return undefined;
    return new TsnsError("unsupported", "no-link-filter", `this kernel cannot hold a container to its own addresses: ${detail}`, {
      hint: "use one with CONFIG_NET_SCH_INGRESS and CONFIG_NET_CLS_BPF, or --security-opt spoofing=allowed",
      exitCode: 125,
    });
  },
  chdir: ({ errno, detail }, exitCode) =>
    new TsnsError("invalid", "bad-workdir", `cannot enter the working directory ${detail}: ${describeErrno(errno)}`, {
      hint: "give -w an absolute directory",
      exitCode,
    }),
  rlimit({ errno, detail }, exitCode) {
    const name = Object.keys(rlimitNumbers).find((one) => `${rlimitNumbers[one]}` === detail) ?? detail;
    return new TsnsError("denied", "limit-unreachable", `--ulimit ${name}: the host refuses to raise it: ${describeErrno(errno)}`, {
      hint: "give what it allows (ulimit -Ha), or raise it where tsns is started from",
      exitCode,
    });
  },
  "oom-score-adj": ({ errno }, exitCode) =>
    new TsnsError("denied", "limit-unreachable", `--oom-score-adj: the host refuses to lower it: ${describeErrno(errno)}`, {
      hint: "only with CAP_SYS_RESOURCE may it be below that of the shell tsns is started from",
      exitCode,
    }),
  sysctl: ({ errno, detail }, exitCode) =>
    new TsnsError("invalid", "bad-sysctl", `--sysctl ${detail}: ${describeErrno(errno)}`, {
      hint: errno === "ENOENT" ? "the kernel has no such setting in a namespace" : "the kernel does not take this value",
      exitCode,
    }),
  write({ errno, detail }, exitCode) {
    if (!detail.endsWith("timens_offsets")) return undefined;
    return new TsnsError("invalid", "bad-time-offset", `--time private: the kernel does not take the offset: ${describeErrno(errno)}`, {
      hint: "no clock may be before the boot or 146 years after it: see /proc/uptime",
      exitCode,
    });
  },
  "idmap-bind"({ errno, detail }) {
    if (errno !== "EINVAL") return undefined;
    const message = `--userns private: this kernel cannot show the file system of ${detail} through an id map`;
    return new TsnsError("unsupported", "no-id-map", message, {
      hint: "keep the data root on ext4, xfs or btrfs (tmpfs needs Linux 6.3), or leave out --userns",
      exitCode: 125,
    });
  },
  "mkdir-at"({ errno, detail }) {
    if (errno !== "ENOTDIR") return undefined;
    return new TsnsError("invalid", "mount-failed", `cannot mount onto ${detail}: ${describeErrno(errno)}`, {
      hint: "a file of the image is in the way: give --tmpfs, -v or -w the path of a directory, or one that is not there yet",
      exitCode: 125,
    });
  },
  "open-tree"({ syscall, errno, detail }) {
    if (syscall !== "openat2") return undefined;
    return new TsnsError("invalid", "no-subpath", `cannot access the subpath ${detail} of the volume: ${describeErrno(errno)}`, {
      hint: errno === "EXDEV" ? "a link in it leads out of the volume" : "make it in the volume first",
      exitCode: 125,
    });
  },
  "bind-at": ({ errno, detail }) =>
    new TsnsError("invalid", "mount-failed", `cannot mount onto ${detail}: ${describeErrno(errno)}`, {
      hint: "mount a file onto a file and a directory onto a directory",
      exitCode: 125,
    }),
};

/** Fatal signals by which a process ends whose system calls are refused: SIGSYS, and SIGSEGV of one that could not even end itself. */
const refusedSignals = /ended by signal (31|11)\b/;

/**
 * The error of a failed start in docker's terms: 127 for a missing command, 126 for one that cannot run, else 125; of a failed exec 126 as
 * well for what the exec itself asks for.
 */
export function errorOfFailure(failure: SandboxFailure, doing: "start" | "exec" = "start"): TsnsError {
  const { index, operation, syscall, errno, detail } = failure;
  const explained = Object.hasOwn(explanations, operation) && explanations[operation]?.(failure, doing === "exec" ? 126 : 125);
  if (explained) return explained;
  return new KernelError(syscall, errno, detail || operation, {
    message: `cannot start the container: ${operation} ${detail}: ${syscall}: ${describeErrno(errno)}`,
    step: `${index} ${operation}`,
    hint: hintOf(errno),
    exitCode: 125,
  });
}

/** The place of the system call says which file of the container had no such name. */
function userError({ syscall, detail }: SandboxFailure, exitCode: number): TsnsError {
  const [what, file] = syscall === "group" ? ["group", "group"] : ["user", "passwd"];
  return new TsnsError("not-found", `no-such-${what}`, `unable to find ${what} ${detail}: no matching entries in ${file} file`, {
    hint: `give a numeric -u UID[:GID], or a ${what} of the image`,
    exitCode,
  });
}

/** docker's words; the place is what the plan calls the server: "tcp 127.0.0.1:514". */
function logServerError({ errno, detail: server }: SandboxFailure): TsnsError {
  const reason = server === "journald" ? "journald is not enabled on this host" : `dial ${server}: connect: ${describeErrno(errno)}`;
  return new TsnsError("unavailable", "log-server-silent", `failed to initialize logging driver: ${reason}`, {
    hint: server === "journald" ? "choose another --log-driver" : "start the log server, or choose another --log-driver",
    exitCode: 125,
  });
}

function commandError({ errno, detail: name }: SandboxFailure): TsnsError {
  const what = `exec: "${name}"`;
  switch (errno) {
    case "ENOENT":
      return name.includes("/")
        ? new TsnsError("not-found", "command-not-found", `${what}: no such file or directory`, {
            hint: "check the path and its interpreter inside the image",
            exitCode: 127,
          })
        : new TsnsError("not-found", "command-not-found", `${what}: executable file not found in $PATH`, {
            hint: "name a program the image has",
            exitCode: 127,
          });
    case "EACCES":
    case "EISDIR":
      return new TsnsError("denied", "command-denied", `${what}: permission denied`, {
        hint: "make it an executable file (chmod +x)",
        exitCode: 126,
      });
    case "ENOEXEC":
      return new TsnsError("invalid", "exec-format", `${what}: exec format error`, {
        hint: "it is no program of this machine's architecture, or a script without #!",
        exitCode: 126,
      });
    default:
      return new TsnsError("internal", "command-failed", `${what}: ${describeErrno(errno)}`, { exitCode: 126 });
  }
}

function hintOf(errno: string): string {
  switch (errno) {
    case "EPERM":
    case "EACCES":
      return "run as root with all capabilities; tsns info shows what is missing";
    case "ENOSPC":
      return "free space below the data root, or raise the limits of /proc/sys/user";
    case "ENOSYS":
    case "ENODEV":
    case "EOPNOTSUPP":
      return "this kernel lacks the feature";
    default:
      return "--explain shows the step";
  }
}
