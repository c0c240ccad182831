// Signals that a foreground runtime gets are for the process it waits for: they go on to the native creator, which passes them on. Those that come
// before there is a creator are kept for it.
import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { setImmediate as turn } from "node:timers/promises";
import { isatty } from "node:tty";
import { TsnsError } from "../../base/error.ts";

const ending = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGINT", "SIGQUIT"] as const;
const harmless = ["SIGCONT", "SIGWINCH"] as const;
/** A terminal sends these to the creator as well. */
const keyboards: readonly NodeJS.Signals[] = ["SIGINT", "SIGQUIT", "SIGWINCH"];

export interface HeldSignals {
  /** Throws interrupted when one has come that would have ended this process. */
  refuse(): Promise<void>;
  /** What has come, and what will. */
  passTo(child: ChildProcess): void;
  /** 128+signal of the first that would have ended this process. */
  status(): number | undefined;
  /** From here on they have their usual effect. */
  stop(): void;
}

/** From here on no signal has its usual effect. */
export function holdSignals(): HeldSignals {
  const isTyped = isatty(0);
  const kept: NodeJS.Signals[] = [];
  let first: NodeJS.Signals | undefined;
  let receiver: ChildProcess | undefined;
  const send = (signal: NodeJS.Signals) => {
    if (receiver?.exitCode === null && receiver.signalCode === null) receiver.kill(signal);
  };
  const handlers = [...ending, ...harmless].map((signal) => {
    const isPassed = !isTyped || !keyboards.includes(signal);
    const handler = () => {
      if ((ending as readonly NodeJS.Signals[]).includes(signal)) first ??= signal;
      if (!receiver) kept.push(signal);
      else if (isPassed) send(signal);
    };
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  return {
    async refuse() {
      // What has come while this process was busy is told between two turns.
      await turn();
      if (first) throw new TsnsError("interrupted", "signal", `ended by ${first}`, { exitCode: statusOf(first) });
    },
    passTo(child) {
      receiver = child;
      for (const signal of kept.splice(0)) send(signal);
    },
    status: () => first && statusOf(first),
    stop() {
      for (const [signal, handler] of handlers) process.off(signal, handler);
    },
  };
}

const statusOf = (signal: NodeJS.Signals): number => 128 + constants.signals[signal];
