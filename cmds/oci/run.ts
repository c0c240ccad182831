// tsns oci run: create and start in one, and delete when the program has ended.
import { runRuntimeContainer } from "../../src/engine/runtime/run.ts";
import { defineCommand } from "../command.ts";
import { createOptions, createRequest } from "./create-option.ts";
import { globalOptions, runtimeOf } from "./global.ts";

export { start } from "./start.ts";

export const command = defineCommand({
  path: "oci run",
  usage: "[OPTIONS] CONTAINER-ID",
  summary: "Create and start a container, and delete it when its program has ended",
  options: {
    ...globalOptions,
    ...createOptions,
    detach: { type: "boolean", short: "d", describe: "Return when the program runs; the container is deleted by delete" },
    keep: { type: "boolean", describe: "Leave the stopped container until it is deleted" },
    "no-subreaper": { type: "boolean", describe: "As always here: whoever calls, or its subreaper, gets processes that lose their parent" },
  },
  arity: [1, 1],
  async run(context, { options, args: [id = ""] }) {
    const request = { ...createRequest(context, options), detach: options.detach === true, keep: options.keep === true };
    return await runRuntimeContainer(runtimeOf(context, options), id, request);
  },
});
