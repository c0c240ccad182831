// Passes signals this process gets on to the native client, which passes them on to the container (docker's --sig-proxy).
import type { ChildProcess } from "node:child_process";

const forwarded = ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGCONT"] as const;

/** Returns a function that ends the forwarding. */
export function forwardSignals(child: ChildProcess): () => void {
  const handlers = forwarded.map((signal) => {
    const handler = () => void child.kill(signal);
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}
