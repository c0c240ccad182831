// `tsns cp`: files between a container and the host.
import { formatSize } from "../../src/base/unit.ts";
import { parseCopySide } from "../../src/container/copy-place.ts";
import { copyFiles } from "../../src/engine/container/cp.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  path: "container cp",
  usage: "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|- | SRC_PATH|- CONTAINER:DEST_PATH",
  summary: "Copy files/folders between a container and the local filesystem",
  options: {
    archive: { type: "boolean", short: "a", describe: "Archive mode (copy all uid/gid information)" },
    "follow-link": { type: "boolean", short: "L", describe: "Always follow symbol link in SRC_PATH" },
    quiet: { type: "boolean", short: "q", describe: "Do not tell what was copied; the default where no terminal is attached" },
  },
  arity: [2, 2],
  changes: true,
  async run(context, { options, args: [source = "", target = ""] }) {
    const bytes = await copyFiles(context.engine(), {
      source: parseCopySide(source),
      target: parseCopySide(target),
      archive: options.archive ?? false,
      followLink: options["follow-link"] ?? false,
      cwd: context.cwd,
      write: (piece) => context.stdout.write(piece),
      readStdin: () => context.readStdin(),
      signal: context.signal,
    });
    const isQuiet = options.quiet ?? !context.stdout.isTTY;
    if (bytes !== undefined && target !== "-" && !isQuiet) context.stderr.write(`Successfully copied ${formatSize(bytes)} to ${target}\n`);
    return 0;
  },
});
