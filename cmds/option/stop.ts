// Options of the commands that end containers by a signal and give them time.
import type { StopRequest } from "../../src/engine/container/stop.ts";
import type { OptionTable, ValuesOf } from "../command.ts";

export const stopOptions = {
  signal: { type: "string", short: "s", describe: "Signal to send to the container" },
  timeout: {
    type: "number",
    short: "t",
    value: "int",
    aliases: ["time"],
    describe: "Seconds to wait before killing the container (-1: for ever)",
  },
} as const satisfies OptionTable;

export function parseStop({ signal, timeout }: ValuesOf<typeof stopOptions>): StopRequest {
  return { ...(signal ? { signal } : {}), ...(timeout === undefined ? {} : { timeoutSeconds: timeout }) };
}
