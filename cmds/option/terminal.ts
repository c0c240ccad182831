// -t with -i needs a terminal to relay.
import { TsnsError } from "../../src/base/error.ts";
import type { Context } from "../command.ts";

export const sigProxyOption = { type: "boolean", default: true, describe: "Proxy all received signals to the process" } as const;

export function requireTerminal(context: Context): void {
  if (!context.stdinIsTTY) {
    throw new TsnsError("invalid", "no-terminal", "the input device is not a TTY", { hint: "leave out -t, or run it in a terminal" });
  }
}
