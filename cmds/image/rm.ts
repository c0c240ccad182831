// `tsns rmi`: takes names from images, and with the last name the image itself.
import { TsnsError } from "../../src/base/error.ts";
import { removeImage } from "../../src/engine/image/remove.ts";
import { defineCommand } from "../command.ts";
import { renderError } from "../report.ts";

export const command = defineCommand({
  path: "image rm",
  usage: "[OPTIONS] IMAGE [IMAGE...]",
  summary: "Remove one or more images",
  options: {
    force: { type: "boolean", short: "f", describe: "Remove all names of an id, and the name of an image that a container uses" },
  },
  arity: [1, Number.POSITIVE_INFINITY],
  changes: true,
  completes: "image",
  run(context, { options, args }) {
    let failed = false;
    for (const name of args) {
      try {
        const removal = removeImage(context.engine(), name, { force: options.force ?? false });
        for (const untagged of removal?.untagged ?? []) context.stdout.write(`Untagged: ${untagged}\n`);
        for (const id of removal?.deleted ?? []) context.stdout.write(`Deleted: ${id}\n`);
      } catch (error) {
        if (!(error instanceof TsnsError)) throw error;
        if (options.force && error.code === "no-such-image") continue;
        failed = true;
        context.stderr.write(renderError(error, false));
      }
    }
    return failed ? 1 : 0;
  },
});
