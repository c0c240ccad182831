// The process around a command, as values: streams, directory, environment. The only file in cmds/ besides main.ts and
// output.ts that touches process globals; a test or a resident process makes another Host.
import { isTerminal, type Output, openOutput } from "./output.ts";

/** What a command sees of its process. */
export interface Surroundings {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Whether descriptor 0 is a terminal; descriptors 0-2 are the ones handed to native clients. */
  readonly stdinIsTTY: boolean;
  /** Reads standard input to its end (import -, load). */
  readStdin(): AsyncIterable<Uint8Array>;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Host extends Surroundings {
  /** Calls back once on SIGINT or SIGTERM; until it is called the signals have their default effect. */
  onSignal(handler: (signal: "SIGINT" | "SIGTERM") => void): void;
}

/** A monitor starts tsns with an empty environment; a login as root may lack the directories of iptables. */
function withPath(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  env.PATH ??= "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  return env;
}

/** Reads when it is asked to, never ahead: a read that waits for the next line would hold the end of the process back until that comes. */
async function* readTerminal(): AsyncGenerator<Uint8Array> {
  const { read } = process.getBuiltinModule("node:fs");
  const buffer = new Uint8Array(1 << 16);
  for (;;) {
    const length = await new Promise<number>((done, fail) => {
      read(0, buffer, 0, buffer.length, null, (error, bytes) => (error ? fail(error) : done(bytes)));
    });
    if (length === 0) return;
    yield buffer.slice(0, length);
  }
}

export function processHost(): Host {
  return {
    stdout: openOutput(1),
    stderr: openOutput(2),
    get stdinIsTTY() {
      return isTerminal(0);
    },
    readStdin: () =>
      isTerminal(0)
        ? readTerminal()
        : process.getBuiltinModule("node:fs").createReadStream("", { fd: 0, autoClose: false, highWaterMark: 1 << 18 }),
    get cwd() {
      return process.cwd();
    },
    env: withPath(process.env),
    onSignal(handler) {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => handler(signal));
    },
  };
}
