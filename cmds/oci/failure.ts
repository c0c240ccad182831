// tsns oci failure: what dist/tsns-oci and the native creator become when a container's program could not be started, or the container not be made.
import { errorOfReport } from "../../src/engine/runtime/failure.ts";
import { defineCommand } from "../command.ts";
import { globalOptions, runtimeOf } from "./global.ts";

export { start } from "./start.ts";

export const command = defineCommand({
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
