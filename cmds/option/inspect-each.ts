// What the `inspect` commands of containers, networks and volumes do with their arguments: docker's JSON of all that were found, or a line of a template for each.
import { TsnsError } from "../../src/base/error.ts";
import { renderJson } from "../../src/base/text.ts";
import type { Context } from "../command.ts";
import { renderError } from "../report.ts";
import { parseInspectTemplate } from "./inspect-template.ts";
import { formatOption } from "./listing.ts";

type Shown = Record<string, unknown>;

/** `--format` of an inspect command. */
export const inspectFormat = {
  ...formatOption,
  short: "f",
  describe: "Print each with a Go template, or all as `json` on a line",
} as const;

/** Returns the exit code: 1 when one was not found; the others are shown all the same. Throws TsnsError invalid for a wrong template. */
export async function inspectEach(
  context: Context,
  names: readonly string[],
  format: string | undefined,
  inspect: (name: string) => Promise<Shown> | Shown,
): Promise<number> {
  const render = await rendererOf(format);
  const found: Shown[] = [];
  const failures: TsnsError[] = [];
  for (const name of names) {
    try {
      found.push(await inspect(name));
    } catch (error) {
      if (!(error instanceof TsnsError)) throw error;
      failures.push(error);
    }
  }
  context.stdout.write(render(found));
  for (const failure of failures) context.stderr.write(renderError(failure, false));
  return failures.length > 0 ? 1 : 0;
}

async function rendererOf(format: string | undefined): Promise<(found: readonly Shown[]) => string> {
  if (!format) return (found) => `${renderJson(found, 4)}\n`;
  if (format === "json") return (found) => `${renderJson(found)}\n`;
  const template = await parseInspectTemplate(format);
  return (found) => found.map((object) => `${template.render(object)}\n`).join("");
}
