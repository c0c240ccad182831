// What the native creator could not do, in the words of an OCI runtime. Loaded when something has failed.
import { describeErrno, KernelError, TsnsError } from "../../base/error.ts";
import { parseReport, type SandboxFailure } from "../../kernel/sandbox/report.ts";

/** SCHED_DEADLINE, as plans write it. */
const deadline = "6";

/** Detail: which one, what of it, and its path; errno says more where the program could not be run at all. */
const hookSentence = ({ syscall, errno, detail }: SandboxFailure): string =>
  `error running ${detail}${syscall === "wait" ? "" : `: ${describeErrno(errno)}`}`;

/** Callers look for some of the phrases: they are runc's. */
export function errorOfRuntimeFailure(failure: SandboxFailure): TsnsError {
  const { index, operation, syscall, errno, detail } = failure;
  const step = { step: `${index} ${operation}` };
  switch (operation) {
    case "exec":
      // It has been found: what is missing is what it needs to run.
      return errno === "ENOENT" ? loaderError(detail) : commandError(detail, errno);
    case "find-exec":
      return commandError(detail, errno);
    case "hook":
      return new TsnsError("unavailable", "hook-failed", hookSentence(failure), { hint: "the container has been taken down again" });
    case "chdir":
      return new KernelError(syscall, errno, detail, {
        ...step,
        message: `chdir to cwd ("${detail}") set in config.json failed: ${describeErrno(errno)}`,
      });
    case "console-socket":
    case "pidfd-socket":
      return new KernelError(syscall, errno, detail, {
        ...step,
        message: `--${operation} ${detail}: ${describeErrno(errno)}`,
        hint: "start what listens there first",
      });
    // No operation of the plan's: a file of --pid-file.
    case "plan":
      return new KernelError(syscall, errno, detail, step);
    // The one socket that a plan connects to.
    case "connect":
      return new KernelError(syscall, errno, detail, {
        ...step,
        message: `unable to start container process: failed to connect with seccomp agent ${detail}: ${describeErrno(errno)}`,
        hint: "start the agent first: it listens on linux.seccomp.listenerPath",
      });
    default: {
      if (operation === "mount-at" && syscall === "openat2" && errno === "ENOTDIR") return directoryError(detail);
      const hint = hintOf(operation, errno, detail);
      return new KernelError(syscall, errno, detail || operation, {
        ...step,
        message: `unable to start container process: ${operation}${detail === "" ? "" : ` ${detail}`}: ${syscall}: ${describeErrno(errno)}`,
        ...(hint === undefined ? {} : { hint }),
      });
    }
  }
}

/** sched_setattr(2): SCHED_DEADLINE is for who may run on every processor. */
function hintOf(operation: string, errno: string, detail: string): string | undefined {
  if (operation !== "scheduler" || errno !== "EPERM") return undefined;
  const rights = "it needs CAP_SYS_NICE on the host";
  return detail === deadline
    ? `this process scheduler can't be used together with AllowedCPUs (linux.resources.cpu.cpus), and ${rights}`
    : rights;
}

/** Whether the container was well and a program of somebody else's said no: its last hooks run then. */
export const isHookFailure = ({ operation }: SandboxFailure): boolean => operation === "hook";

/** Only what has to be mounted on a directory is opened as one. */
const directoryError = (path: string): TsnsError =>
  new TsnsError("invalid", "no-directory", `unable to start container process: mount ${path}: must be mounted on ordinary directory`, {
    hint: `${path} of the root file system is a link or a file: make it a directory`,
  });

const loaderError = (name: string): TsnsError =>
  new TsnsError("not-found", "interpreter-not-found", `exec ${name}: no such file or directory`, {
    hint: "what its first line names as its interpreter, or the loader it was linked for, is not in the container",
  });

function commandError(name: string, errno: string): TsnsError {
  const what = `exec: "${name}"`;
  if (errno === "ENOENT")
    return new TsnsError(
      "not-found",
      "command-not-found",
      name.includes("/") ? `${what}: stat ${name}: no such file or directory` : `${what}: executable file not found in $PATH`,
      {
        hint: "name a program of the container",
      },
    );
  if (errno === "EACCES" || errno === "EISDIR")
    return new TsnsError("denied", "command-denied", `${what}: permission denied`, { hint: "make it an executable file (chmod +x)" });
  return new TsnsError("invalid", "command-failed", `${what}: ${describeErrno(errno)}`);
}

/** The error of a report as the native programs hand it on. */
export function errorOfReport(text: string): TsnsError {
  const report = parseReport(text);
  if (report?.outcome === "failed") return errorOfRuntimeFailure(report);
  return new TsnsError("internal", "creator-died", "the native creator ended early");
}
