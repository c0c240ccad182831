// tsns volume import: a tar into a volume.
import { resolve } from "node:path";
import { importVolume } from "../../src/engine/volume/archive.ts";
import { defineCommand } from "../command.ts";
import { unpackLimitOption } from "../option/unpack-limit.ts";
import { printWarnings } from "../warning.ts";

export const command = defineCommand({
  path: "volume import",
  usage: "[OPTIONS] VOLUME [FILE|-]",
  summary: "Import the contents of a tar archive, compressed or not, into a volume",
  options: { "unpack-limit": unpackLimitOption },
  arity: [1, 2],
  changes: true,
  completes: "volume",
  async run(context, { options, args: [name = "", file = "-"] }) {
    const imported = await importVolume(context.engine(), {
      name,
      archive: file === "-" ? "-" : resolve(context.cwd, file),
      readStdin: () => context.readStdin(),
      signal: context.signal,
      unpackLimit: options["unpack-limit"],
    });
    printWarnings(context, imported?.warnings);
    return 0;
  },
});
