// Options on where a container's output is kept.
import { parseLog } from "../../../src/container/log/option.ts";
import type { CreateRequest } from "../../../src/container/request.ts";
import { logDrivers } from "../../../src/container/spec/log.ts";
import type { OptionTable, ValuesOf } from "../../command.ts";
import type { CreatePart } from "./part.ts";

export const logOptions = {
  "log-driver": { type: "string", describe: `Logging driver for the container: ${logDrivers.join(", ")}` },
  "log-opt": { type: "list", describe: "Log driver options" },
} as const satisfies OptionTable;

export function parseLogging({ read }: CreatePart, values: ValuesOf<typeof logOptions>) {
  return {
    log: read(() => parseLog(values["log-driver"], values["log-opt"]), { maxBytes: 0, maxFiles: 1 }),
  } satisfies Partial<CreateRequest>;
}
