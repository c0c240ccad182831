// Passes signals this process gets on to the native client, which passes them on to the container (docker's --sig-proxy).
import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { isErrno } from "../../base/error.ts";

const forwarded = ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGCONT"] as const;

/**
 * Added to a signal's number on its way to the client: a keyboard's signal goes to both processes, and the second of the
 * same number would be lost while the first waits (native/README.md, "Signals of a client").
 */
const passedOn = 40;

function passOn(child: ChildProcess | undefined, signal: (typeof forwarded)[number]): void {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(child.pid, passedOn + constants.signals[signal]);
  } catch (error) {
    if (!isErrno(error, "ESRCH")) throw error;
  }
}

/** To the client that `clientOf` tells when a signal comes. Returns a function that ends the forwarding. */
export function forwardSignals(clientOf: () => ChildProcess | undefined): () => void {
  const handlers = forwarded.map((signal) => {
    const handler = () => passOn(clientOf(), signal);
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}
