// A process made of values: what a command writes and how it ends can be looked at.

import type { Host } from "../../cmds/host.ts";
import { main } from "../../cmds/main.ts";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Recorder {
  readonly host: Host;
  text(stream: "stdout" | "stderr"): string;
  /** Sends a signal to whoever asked for signals. */
  signal(name: "SIGINT" | "SIGTERM"): void;
}

/** `change` replaces parts of the host. */
export function recorder(change: Partial<Host> = {}): Recorder {
  const written = { stdout: "", stderr: "" };
  const handlers: ((name: "SIGINT" | "SIGTERM") => void)[] = [];
  const output = (stream: "stdout" | "stderr") => ({
    write(text: string | Uint8Array) {
      written[stream] += typeof text === "string" ? text : new TextDecoder().decode(text);
    },
    isTTY: false,
    columns: 80,
  });
  const host: Host = {
    stdout: output("stdout"),
    stderr: output("stderr"),
    stdinIsTTY: false,
    async *readStdin() {},
    cwd: "/",
    env: {},
    onSignal: (handler) => handlers.push(handler),
    ...change,
  };
  return {
    host,
    text: (stream) => written[stream],
    signal: (name) => {
      for (const handler of handlers) handler(name);
    },
  };
}

/** `tsns ARGV` in this process. */
export async function runMain(argv: readonly string[], change: Partial<Host> = {}): Promise<Ran> {
  const { host, text } = recorder(change);
  const code = await main(argv, host);
  return { code, stdout: text("stdout"), stderr: text("stderr") };
}
