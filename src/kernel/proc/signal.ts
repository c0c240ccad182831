// Signals to processes by their number. Whether the number is still theirs, the caller has looked.
import { isErrno, KernelError } from "../../base/error.ts";

/** A process that is gone is no error: it is what the signal was for. Throws KernelError. */
export function sendSignal(pid: number, signal: NodeJS.Signals | number): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (isErrno(error, "ESRCH")) return;
    throw new KernelError("kill", isErrno(error, "EPERM") ? "EPERM" : "EINVAL", `process ${pid}`, { cause: error });
  }
}
