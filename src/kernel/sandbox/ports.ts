// Tells the monitor of a running container which published ports it relays from now on.
import { KernelError } from "../../base/error.ts";
import { tellMonitor } from "./tell.ts";

/** Throws KernelError for what the monitor could not do. */
export function relayPorts(directory: string, operation: readonly string[]): void {
  const failure = tellMonitor("ports", directory, operation);
  if (!failure) return;
  const { syscall, errno, detail, text } = failure;
  throw new KernelError(syscall, errno, detail, { message: `cannot pass on what comes to published ports by IPv6: ${text}` });
}
