// tsns inspect: everything about containers (and images), as docker's JSON or through a template.
import { TsnsError } from "../../src/base/error.ts";
import { renderJson } from "../../src/base/text.ts";
import { inspectContainer } from "../../src/engine/container/inspect.ts";
import { defineCommand } from "../command.ts";
import { parseInspectTemplate } from "../option/inspect-template.ts";
import { formatOption } from "../option/listing.ts";
import { renderError } from "../report.ts";

export const command = defineCommand({
  path: "container inspect",
  usage: "[OPTIONS] NAME|ID [NAME|ID...]",
  summary: "Return low-level information on containers or images",
  options: {
    format: { ...formatOption, short: "f", describe: "Print each with a Go template, or all as `json` on a line" },
    type: { type: "string", describe: "Return JSON for that kind of object only", choices: ["container", "image"] },
  },
  arity: [1, Number.POSITIVE_INFINITY],
  completes: "container",
  async run(context, { options, args }) {
    const engine = context.engine();
    const template = options.format && options.format !== "json" ? await parseInspectTemplate(options.format) : undefined;
    const found: Record<string, unknown>[] = [];
    const failures: TsnsError[] = [];
    for (const name of args) {
      try {
        found.push(await inspectOne(name));
      } catch (error) {
        if (!(error instanceof TsnsError)) throw error;
        failures.push(error);
      }
    }
    if (template) context.stdout.write(found.map((object) => `${template.render(object)}\n`).join(""));
    else if (options.format === "json") context.stdout.write(`${renderJson(found)}\n`);
    else context.stdout.write(`${renderJson(found, 4)}\n`);
    for (const failure of failures) context.stderr.write(renderError(failure, false));
    return failures.length > 0 ? 1 : 0;

    async function inspectImageLazily(name: string): Promise<Record<string, unknown>> {
      const { inspectImage } = await import("../../src/engine/image/inspect.ts");
      return inspectImage(engine, name);
    }

    async function inspectOne(name: string): Promise<Record<string, unknown>> {
      if (options.type === "image") return inspectImageLazily(name);
      try {
        return await inspectContainer(engine, name);
      } catch (error) {
        if (options.type === "container" || !(error instanceof TsnsError && error.code === "no-such-container")) throw error;
      }
      try {
        return await inspectImageLazily(name);
      } catch (error) {
        // What cannot be the name of an image is not there either.
        if (!(error instanceof TsnsError && (error.kind === "not-found" || error.code === "bad-reference"))) throw error;
        throw new TsnsError("not-found", "no-such-object", `No such object: ${name}`, {
          hint: "tsns ps -a and tsns images list what there is",
        });
      }
    }
  },
});
