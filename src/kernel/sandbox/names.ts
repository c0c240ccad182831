// Tells the monitor of a running container to pass queries for names on: the file `names` beside its socket, then the frame (native/README.md).
import { KernelError, TsnsError } from "../../base/error.ts";
import { tellMonitor } from "./tell.ts";

/** Throws KernelError for what the monitor could not do; TsnsError invalid when a program of the container has the relay's port. */
export function enableNames(directory: string, operation: readonly string[]): void {
  const failure = tellMonitor("names", directory, operation);
  if (!failure) return;
  const { syscall, errno, detail, text } = failure;
  if (errno === "EADDRINUSE")
    throw new TsnsError(
      "conflict",
      "name-port-taken",
      `cannot answer names in the container: port ${operation[3]} of ${detail} is taken there`,
      {
        hint: "end the program that listens there, or connect the container before it starts",
      },
    );
  throw new KernelError(syscall, errno, detail, { message: `cannot answer names in the container: ${text}` });
}
