// tsns oci create: a container from a bundle, up to the point where its program would run.
import { createRuntimeContainer } from "../../src/engine/runtime/create.ts";
import { defineCommand } from "../command.ts";
import { createOptions, createRequest } from "./create-option.ts";
import { globalOptions, globalWords, runtimeOf } from "./global.ts";

export { start } from "./start.ts";

export const command = defineCommand({
  path: "oci create",
  usage: "[OPTIONS] CONTAINER-ID",
  summary: "Create a container from a bundle; start runs its program",
  options: { ...globalOptions, ...createOptions },
  arity: [1, 1],
  async run(context, { options, args: [id = ""] }) {
    const runtime = runtimeOf(context, options);
    return await createRuntimeContainer(runtime, id, createRequest(context, options), globalWords(runtime, options));
  },
});
