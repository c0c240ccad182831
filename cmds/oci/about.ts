// tsns oci features|spec|version: what this runtime knows, a configuration to begin with, which runtime this is.
import { runtimeFeatures } from "../../src/runtime/config/feature.ts";
import { specVersion } from "../../src/runtime/config/type.ts";
import { defineCommand } from "../command.ts";
import { readVersion } from "../version.ts";
import { pathOf } from "./create-option.ts";
import { globalOptions } from "./global.ts";

export { start } from "./start.ts";

export const features = defineCommand({
  path: "oci features",
  usage: "",
  summary: "Print what this runtime knows as JSON",
  options: globalOptions,
  arity: [0, 0],
  run(context) {
    context.stdout.write(`${JSON.stringify(runtimeFeatures(readVersion()), undefined, 2)}\n`);
    return 0;
  },
});

export const spec = defineCommand({
  path: "oci spec",
  usage: "[OPTIONS]",
  summary: "Write a config.json to begin with",
  options: {
    ...globalOptions,
    bundle: { type: "string", short: "b", value: "dir", describe: "The bundle (default: the working directory)", completes: "directory" },
    rootless: { type: "boolean", describe: "For a container of who is not root" },
  },
  arity: [0, 0],
  async run(context, { options }) {
    const { writeSpec } = await import("../../src/engine/runtime/spec.ts");
    writeSpec(pathOf(context, options.bundle) ?? context.cwd, options.rootless === true);
    return 0;
  },
});

/** `tsns oci --version`: words.ts makes a word of it. */
export const version = defineCommand({
  path: "oci version",
  usage: "",
  summary: "Print the version of the runtime and of the specification it keeps",
  options: globalOptions,
  arity: [0, 0],
  run(context) {
    context.stdout.write(`tsns-oci version ${readVersion()}\nspec: ${specVersion}\n`);
    return 0;
  },
});
