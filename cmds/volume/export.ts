// tsns volume export: the files of a volume as a tar.
import { exportVolume } from "../../src/engine/volume/archive.ts";
import { defineCommand } from "../command.ts";
import { tarOutput } from "../option/tar-output.ts";
import { printWarnings } from "../warning.ts";

export const command = defineCommand({
  path: "volume export",
  usage: "[OPTIONS] VOLUME",
  summary: "Export the files of a volume as a tar archive",
  options: {
    output: { type: "string", short: "o", value: "file", describe: "Write to this file instead of standard output", completes: "file" },
  },
  arity: [1, 1],
  changes: true,
  completes: "volume",
  async run(context, { options, args: [name = ""] }) {
    const output = tarOutput(context, options.output, "volume export VOLUME");
    const exported = await exportVolume(context.engine(), {
      name,
      output,
      write: (bytes) => context.stdout.write(bytes),
      signal: context.signal,
    });
    printWarnings(context, exported?.warnings);
    return 0;
  },
});
