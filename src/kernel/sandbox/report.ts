// What the native helper answers: warnings, `started`, or the operation that failed. Parsing and the error it becomes.
import { describeErrno, KernelError, TsnsError } from "../../base/error.ts";
import { rlimitNumbers } from "../../container/rlimit.ts";

export interface SandboxWarning {
  readonly operation: string;
  readonly errno: string;
  readonly detail: string;
}

export type SandboxReport =
  | { readonly outcome: "started"; readonly pid: number; readonly startTime: number; readonly warnings: readonly SandboxWarning[] }
  | {
      readonly outcome: "failed";
      readonly index: number;
      readonly operation: string;
      readonly syscall: string;
      readonly errno: string;
      readonly detail: string;
    };

/** Parses the report; undefined when the helper ended without a whole `started` or `error`. */
export function parseReport(text: string): SandboxReport | undefined {
  const warnings: SandboxWarning[] = [];
  for (const line of text.split("\n")) {
    const [word, ...rest] = line.split(" ");
    if (word === "warning") warnings.push({ operation: rest[1] ?? "", errno: rest[3] ?? "", detail: rest.slice(4).join(" ") });
    const started = /^started (\d+) (\d+)$/.exec(line);
    if (started) return { outcome: "started", pid: Number(started[1]), startTime: Number(started[2]), warnings };
    if (word === "error") {
      const [index = "", operation = "", syscall = "", errno = ""] = rest;
      return { outcome: "failed", index: Number.parseInt(index, 10) || 0, operation, syscall, errno, detail: rest.slice(4).join(" ") };
    }
  }
  return undefined;
}

/** Fatal signals by which a process ends whose system calls are refused: SIGSYS, and SIGSEGV of one that could not even end itself. */
const refusedSignals = /ended by signal (31|11)\b/;

/** What seccomp and AppArmor do to a start, or undefined. */
function confinementError({ operation, errno, detail }: Failure, exitCode: number): TsnsError | undefined {
  if (operation === "apparmor") {
    const reason = errno === "ENOENT" ? "no such profile is loaded" : describeErrno(errno);
    return new TsnsError("invalid", "no-apparmor-profile", `--security-opt apparmor=${detail}: ${reason}`, {
      hint: "aa-status lists the profiles that are loaded",
      exitCode,
    });
  }
  if (operation === "seccomp") {
    return new TsnsError("unsupported", "no-seccomp", `cannot set the seccomp filter: ${describeErrno(errno)}`, {
      hint: "use a kernel with CONFIG_SECCOMP_FILTER, or --security-opt seccomp=unconfined",
      exitCode,
    });
  }
  const signal = operation === "clone" && refusedSignals.exec(detail)?.[1];
  if (!signal) return undefined;
  return new TsnsError("denied", "start-refused", `the process that becomes the command was ended by signal ${signal} before it could`, {
    hint: "a seccomp profile must allow what a start takes: setuid, capset, prctl, sendmsg, execve ...",
    exitCode,
  });
}

type Failure = Extract<SandboxReport, { outcome: "failed" }>;

/**
 * The error of a failed start in docker's terms: 127 for a missing command, 126 for one that cannot run, else 125; of a failed exec 126 as
 * well for a user or working directory that is not there.
 */
export function errorOfReport(failure: Failure, doing: "start" | "exec" = "start"): TsnsError {
  const { operation, errno, detail } = failure;
  const exitCode = doing === "exec" ? 126 : 125;
  if (operation === "exec") return execError(errno, detail);
  if (operation === "user") {
    // The place of the system call says which file of the container had no such name.
    const [what, file] = failure.syscall === "group" ? ["group", "group"] : ["user", "passwd"];
    return new TsnsError("not-found", `no-such-${what}`, `unable to find ${what} ${detail}: no matching entries in ${file} file`, {
      hint: `give a numeric -u UID[:GID], or a ${what} of the image`,
      exitCode,
    });
  }
  if (operation === "log-sink") return logServerError(errno, detail);
  if (operation === "chdir") {
    return new TsnsError("invalid", "bad-workdir", `cannot enter the working directory ${detail}: ${describeErrno(errno)}`, {
      hint: "give -w an absolute directory",
      exitCode,
    });
  }
  if (operation === "idmap-bind" && errno === "EINVAL") {
    return new TsnsError(
      "unsupported",
      "no-id-map",
      `--userns private: this kernel cannot show the file system of ${detail} through an id map`,
      {
        hint: "keep the data root on ext4, xfs or btrfs (tmpfs needs Linux 6.3), or leave out --userns",
        exitCode: 125,
      },
    );
  }
  if (operation === "mkdir-at" && errno === "ENOTDIR") {
    return new TsnsError("invalid", "mount-failed", `cannot mount onto ${detail}: ${describeErrno(errno)}`, {
      hint: "a file of the image is in the way: give --tmpfs or -v the path of a directory, or one that is not there yet",
      exitCode: 125,
    });
  }
  if (operation === "rlimit") {
    const name = Object.keys(rlimitNumbers).find((one) => `${rlimitNumbers[one]}` === detail) ?? detail;
    return new TsnsError("denied", "limit-unreachable", `--ulimit ${name}: the host refuses to raise it: ${describeErrno(errno)}`, {
      hint: "give what it allows (ulimit -Ha), or raise it where tsns is started from",
      exitCode,
    });
  }
  if (operation === "oom-score-adj") {
    return new TsnsError("denied", "limit-unreachable", `--oom-score-adj: the host refuses to lower it: ${describeErrno(errno)}`, {
      hint: "only with CAP_SYS_RESOURCE may it be below that of the shell tsns is started from",
      exitCode,
    });
  }
  if (operation === "sysctl") {
    return new TsnsError("invalid", "bad-sysctl", `--sysctl ${detail}: ${describeErrno(errno)}`, {
      hint: errno === "ENOENT" ? "the kernel has no such setting in a namespace" : "the kernel does not take this value",
      exitCode,
    });
  }
  if (operation === "write" && detail.endsWith("timens_offsets")) {
    return new TsnsError("invalid", "bad-time-offset", `--time private: the kernel does not take the offset: ${describeErrno(errno)}`, {
      hint: "no clock may be before the boot or 146 years after it: see /proc/uptime",
      exitCode,
    });
  }
  const confined = confinementError(failure, exitCode);
  if (confined) return confined;
  if (operation === "open-tree" && failure.syscall === "openat2") {
    return new TsnsError("invalid", "no-subpath", `cannot access the subpath ${detail} of the volume: ${describeErrno(errno)}`, {
      hint: errno === "EXDEV" ? "a link in it leads out of the volume" : "make it in the volume first",
      exitCode: 125,
    });
  }
  if (operation === "bind-at") {
    return new TsnsError("invalid", "mount-failed", `cannot mount onto ${detail}: ${describeErrno(errno)}`, {
      hint: "mount a file onto a file and a directory onto a directory",
      exitCode: 125,
    });
  }
  return new KernelError(failure.syscall, errno, detail || operation, {
    message: `cannot start the container: ${operation} ${detail}: ${failure.syscall}: ${describeErrno(errno)}`,
    step: `${failure.index} ${operation}`,
    hint: hintOf(errno),
    exitCode: 125,
  });
}

/** docker's words; the place is what the plan calls the server: "tcp 127.0.0.1:514". */
function logServerError(errno: string, server: string): TsnsError {
  const reason = server === "journald" ? "journald is not enabled on this host" : `dial ${server}: connect: ${describeErrno(errno)}`;
  return new TsnsError("unavailable", "log-server-silent", `failed to initialize logging driver: ${reason}`, {
    hint: server === "journald" ? "choose another --log-driver" : "start the log server, or choose another --log-driver",
    exitCode: 125,
  });
}

function execError(errno: string, name: string): TsnsError {
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
