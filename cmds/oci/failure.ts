// tsns oci failure|exec-failure: what has become of a container or a process that dist/tsns-oci or the native creator could not make or start.
import { errorOfReport } from "../../src/engine/runtime/failure.ts";
import { defineCommand } from "../command.ts";
import { execFailedExitCode } from "./exit-code.ts";
import { globalOptions, runtimeOf } from "./global.ts";

export { start } from "./start.ts";

export const ofContainer = defineCommand({
  path: "oci failure",
  usage: "[OPTIONS] CONTAINER-ID REPORT",
  summary: "Explain a report of the native programs",
  options: {
    ...globalOptions,
    undo: { type: "boolean", describe: "Take back a container that this process has begun to make" },
  },
  arity: [2, 2],
  async run(context, { options, args: [id = "", report = ""] }) {
    if (options.undo !== true) throw errorOfReport(report);
    const { failedCreation } = await import("../../src/engine/runtime/failed-creation.ts");
    return await failedCreation(runtimeOf(context, options), id, report);
  },
});

export const ofExec = defineCommand({
  path: "oci exec-failure",
  usage: "[OPTIONS] CONTAINER-ID REPORT",
  summary: "Explain a report of the native creator for exec",
  options: globalOptions,
  arity: [2, 2],
  failureExitCode: execFailedExitCode,
  run(_context, { args: [, report = ""] }) {
    throw errorOfReport(report);
  },
});
