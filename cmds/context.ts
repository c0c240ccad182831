// What a command knows of its process, made of that process. Nothing is read before somebody asks for it.
import { TsnsError } from "../src/base/error.ts";
import type { Context } from "./command.ts";
import type { Host } from "./host.ts";

export function contextOf(host: Host, engine: Context["engine"], mode: Context["mode"]): Context {
  let signal: AbortSignal | undefined;
  return {
    stdout: host.stdout,
    stderr: host.stderr,
    get stdinIsTTY() {
      return host.stdinIsTTY;
    },
    readStdin: () => host.readStdin(),
    get cwd() {
      return host.cwd;
    },
    env: host.env,
    get signal() {
      signal ??= signalOf(host);
      return signal;
    },
    engine,
    mode,
  };
}

/** Until a command looks at it signals have their usual effect. */
function signalOf(host: Host): AbortSignal {
  const controller = new AbortController();
  host.onSignal((signal) => {
    const exitCode = signal === "SIGINT" ? 130 : 143;
    controller.abort(new TsnsError("interrupted", "signal", `ended by ${signal}`, { exitCode }));
  });
  return controller.signal;
}
