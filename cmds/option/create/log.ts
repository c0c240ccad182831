// Options on where a container's output is kept.
import type { CreateRequest } from "../../../src/container/request.ts";
import type { OptionTable, ValuesOf } from "../../command.ts";
import { badOption, type CreatePart } from "./part.ts";

export const logOptions = {
  "log-opt": { type: "list", describe: "Log options: max-size, max-file" },
} as const satisfies OptionTable;

const defaultLog = { maxBytes: 10 * 1024 * 1024, maxFiles: 5 };

export function parseLogging({ read }: CreatePart, values: ValuesOf<typeof logOptions>) {
  return { log: read(() => parseLogOptions(values["log-opt"]), defaultLog) } satisfies Partial<CreateRequest>;
}

function parseLogOptions(options: readonly string[] | undefined): CreateRequest["log"] {
  let log = defaultLog;
  for (const option of options ?? []) {
    const [key, value = ""] = option.split("=", 2);
    const size = /^(\d+)([kmg]?)$/i.exec(value);
    if (key === "max-size" && value === "-1") log = { ...log, maxBytes: 0 };
    else if (key === "max-size" && size && Number(size[1]) > 0)
      log = { ...log, maxBytes: Number(size[1]) * 1024 ** " kmg".indexOf((size[2] || " ").toLowerCase()) };
    else if (key === "max-file" && /^[1-9]\d?$/.test(value)) log = { ...log, maxFiles: Number(value) };
    else throw badOption(`--log-opt: invalid option "${option}"`, "use max-size=SIZE and max-file=1 to 99");
  }
  return log;
}
