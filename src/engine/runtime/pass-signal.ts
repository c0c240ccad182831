// Signals that a foreground runtime gets are for the process it waits for: they go on to the native creator, which passes them on.
import type { ChildProcess } from "node:child_process";
import { isatty } from "node:tty";

const anybodys = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGCONT"] as const;
/** A terminal sends these to the creator as well. */
const keyboards = ["SIGINT", "SIGQUIT", "SIGWINCH"] as const;

/** Returns a function that ends it. */
export function passSignals(child: ChildProcess): () => void {
  const isTyped = isatty(0);
  const handlers = [...anybodys, ...keyboards].map((signal) => {
    const isPassed = !isTyped || !(keyboards as readonly string[]).includes(signal);
    const handler = () => {
      if (isPassed && child.exitCode === null && child.signalCode === null) child.kill(signal);
    };
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}
