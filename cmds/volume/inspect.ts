// tsns volume inspect: everything about volumes, as docker's JSON or through a template.
import { TsnsError } from "../../src/base/error.ts";
import { renderJson } from "../../src/base/text.ts";
import { inspectVolume } from "../../src/engine/volume/list.ts";
import { defineCommand } from "../command.ts";
import { parseInspectTemplate } from "../option/inspect-template.ts";
import { formatOption } from "../option/listing.ts";
import { renderError } from "../report.ts";

export const command = defineCommand({
  path: "volume inspect",
  usage: "[OPTIONS] VOLUME [VOLUME...]",
  summary: "Display detailed information on one or more volumes",
  options: { format: { ...formatOption, short: "f", describe: "Print each with a Go template, or `json` on a line" } },
  arity: [1, Number.POSITIVE_INFINITY],
  completes: "volume",
  async run(context, { options, args }) {
    const render = await rendererOf(options.format);
    const found: Record<string, unknown>[] = [];
    const failures: TsnsError[] = [];
    for (const name of args) {
      try {
        found.push(await inspectVolume(context.engine(), name));
      } catch (error) {
        if (!(error instanceof TsnsError)) throw error;
        failures.push(error);
      }
    }
    context.stdout.write(render ? found.map((object) => `${render(object)}\n`).join("") : `${renderJson(found, 4)}\n`);
    for (const failure of failures) context.stderr.write(renderError(failure, false));
    return failures.length > 0 ? 1 : 0;
  },
});

async function rendererOf(format: string | undefined): Promise<((object: Record<string, unknown>) => string) | undefined> {
  if (!format) return undefined;
  if (format === "json") return (object) => renderJson(object);
  const template = await parseInspectTemplate(format);
  return (object) => template.render(object);
}
