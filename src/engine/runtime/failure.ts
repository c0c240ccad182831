// What the native creator could not do, in the words of an OCI runtime. Loaded when something has failed.
import { describeErrno, KernelError, TsnsError } from "../../base/error.ts";
import { parseReport, type SandboxFailure } from "../../kernel/sandbox/report.ts";

const hookSentence = (detail: string): string => `error running hook: ${detail}`;

/** Callers look for some of the phrases: they are runc's. */
export function errorOfRuntimeFailure({ index, operation, syscall, errno, detail }: SandboxFailure): TsnsError {
  const step = { step: `${index} ${operation}` };
  switch (operation) {
    case "exec":
    case "find-exec":
      return commandError(detail, errno);
    case "hook":
      return new TsnsError("unavailable", "hook-failed", hookSentence(detail), { hint: "the container has been taken down again" });
    case "chdir":
      return new KernelError(syscall, errno, detail, {
        ...step,
        message: `chdir to cwd ("${detail}") set in config.json failed: ${describeErrno(errno)}`,
      });
    case "console-socket":
      return new KernelError(syscall, errno, detail, { ...step, message: `--console-socket ${detail}: ${describeErrno(errno)}` });
    // No operation of the plan's: a file of --pid-file.
    case "plan":
      return new KernelError(syscall, errno, detail, step);
    default:
      return new KernelError(syscall, errno, detail || operation, {
        ...step,
        message: `unable to start container process: ${operation}${detail === "" ? "" : ` ${detail}`}: ${syscall}: ${describeErrno(errno)}`,
      });
  }
}

/** Whether the container was well and a program of somebody else's said no: its last hooks run then. */
export const isHookFailure = ({ operation }: SandboxFailure): boolean => operation === "hook";

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
