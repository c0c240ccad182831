// `tsns export`: a container's file system as a tar.
import { exportContainer } from "../../src/engine/container/export.ts";
import { defineCommand } from "../command.ts";
import { tarOutput } from "../option/tar-output.ts";
import { printWarnings } from "../warning.ts";

export const command = defineCommand({
  path: "container export",
  usage: "[OPTIONS] CONTAINER",
  summary: "Export a container's file system as a tar archive",
  options: {
    output: { type: "string", short: "o", value: "string", describe: "Write to this file instead of standard output", completes: "file" },
  },
  arity: [1, 1],
  changes: true,
  completes: "container",
  run(context, { options, args: [container = ""] }) {
    const output = tarOutput(context, options.output, "export CONTAINER");
    const exported = exportContainer(context.engine(), {
      container,
      output,
      write: (bytes) => context.stdout.write(bytes),
      signal: context.signal,
    });
    printWarnings(context, exported?.warnings);
    return 0;
  },
});
