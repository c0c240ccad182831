// `tsns image inspect`: everything about images, as docker's JSON or through a template.
import { TsnsError } from "../../src/base/error.ts";
import { renderJson } from "../../src/base/text.ts";
import { inspectImage } from "../../src/engine/image/inspect.ts";
import { defineCommand } from "../command.ts";
import { parseInspectTemplate } from "../option/inspect-template.ts";
import { formatOption } from "../option/listing.ts";
import { ownPlatformOption, parsePlatformOption } from "../option/platform.ts";
import { renderError } from "../report.ts";

export const command = defineCommand({
  path: "image inspect",
  usage: "[OPTIONS] IMAGE [IMAGE...]",
  summary: "Show everything about one or more images",
  options: { format: { ...formatOption, short: "f", describe: "Print with a Go template, or `json`" }, platform: ownPlatformOption },
  arity: [1, Number.POSITIVE_INFINITY],
  completes: "image",
  async run(context, { options, args }) {
    const { format } = options;
    const platform = parsePlatformOption(options.platform);
    const template = format && format !== "json" ? await parseInspectTemplate(format) : undefined;
    const found: Record<string, unknown>[] = [];
    const failures: TsnsError[] = [];
    for (const name of args) {
      try {
        found.push(inspectImage(context.engine(), name, platform));
      } catch (error) {
        if (!(error instanceof TsnsError)) throw error;
        failures.push(error);
      }
    }
    if (template) context.stdout.write(found.map((image) => `${template.render(image)}\n`).join(""));
    else if (format === "json") context.stdout.write(`${renderJson(found)}\n`);
    else context.stdout.write(`${renderJson(found, 4)}\n`);
    for (const failure of failures) context.stderr.write(renderError(failure, false));
    return failures.length > 0 ? 1 : 0;
  },
});
