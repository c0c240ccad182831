// `tsns export`: a container's file system as a tar.
import { resolve } from "node:path";
import { TsnsError } from "../../src/base/error.ts";
import { escapeControl } from "../../src/base/text.ts";
import { exportContainer } from "../../src/engine/container/export.ts";
import { defineCommand } from "../command.ts";

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
    const output = !options.output || options.output === "-" ? "-" : resolve(context.cwd, options.output);
    if (output === "-" && context.stdout.isTTY && !context.mode.dryRun) {
      throw new TsnsError("invalid", "tar-to-terminal", "cowardly refusing to save to a terminal", {
        hint: "give -o FILE, or redirect: tsns export CONTAINER > FILE",
      });
    }
    const exported = exportContainer(context.engine(), {
      container,
      output,
      write: (bytes) => context.stdout.write(bytes),
      signal: context.signal,
    });
    for (const warning of exported?.warnings ?? []) context.stderr.write(`WARNING: ${escapeControl(warning)}\n`);
    return 0;
  },
});
