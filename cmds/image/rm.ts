// `tsns rmi`: takes names from images, and with the last name the image itself.
import { TsnsError } from "../../src/base/error.ts";
import { collectBlobs } from "../../src/engine/image/collect.ts";
import { removeImage } from "../../src/engine/image/remove.ts";
import { defineCommand } from "../command.ts";
import { parsePlatformOption } from "../option/platform.ts";
import { renderError } from "../report.ts";

export const command = defineCommand({
  path: "image rm",
  usage: "[OPTIONS] IMAGE [IMAGE...]",
  summary: "Remove one or more images",
  options: {
    force: { type: "boolean", short: "f", describe: "Remove all names of an id, and an image that stopped containers use" },
    platform: { type: "list", value: "strings", describe: "Only if the image is for one of these platforms (os/arch[/variant])" },
    "no-prune": { type: "boolean", describe: "Keep parents that have no name" },
  },
  arity: [1, Number.POSITIVE_INFINITY],
  changes: true,
  completes: "image",
  run(context, { options, args }) {
    const engine = context.engine();
    const { force = false } = options;
    const platforms = (options.platform ?? []).flatMap((list) => list.split(",")).flatMap((text) => parsePlatformOption(text) ?? []);
    let failed = false;
    for (const name of args) {
      try {
        const removal = removeImage(engine, name, { force, prune: !options["no-prune"], collect: args.length === 1, platforms });
        for (const untagged of removal?.untagged ?? []) context.stdout.write(`Untagged: ${untagged}\n`);
        for (const id of removal?.deleted ?? []) context.stdout.write(`Deleted: ${id}\n`);
      } catch (error) {
        if (!(error instanceof TsnsError)) throw error;
        // Docker: with -f an image that is not there is told, but is no failure.
        if (!(force && error.code === "no-such-image")) failed = true;
        context.stderr.write(renderError(error, false));
      }
    }
    if (args.length > 1 && !context.mode.dryRun) collectBlobs(engine, { measure: false });
    return failed ? 1 : 0;
  },
});
