// The template of the inspect commands and of events. Loaded when there is one: most calls have none.
import { TsnsError } from "../../src/base/error.ts";
import type { Template } from "../../src/base/template/template.ts";

/** These commands of docker's end with this where a template cannot be read, its others with 1. */
const templateExitCode = 64;

/** Throws TsnsError invalid for a wrong template. */
export async function parseInspectTemplate(format: string): Promise<Template> {
  const { parseTemplate } = await import("../../src/base/template/template.ts");
  return withTemplateCode(() => parseTemplate(format));
}

/** The value of `body`; what it throws has the exit code of a wrong template. */
export function withTemplateCode<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof TsnsError)) throw error;
    const { kind, code, message, hint } = error;
    throw new TsnsError(kind, code, message, { ...(hint === undefined ? {} : { hint }), cause: error, exitCode: templateExitCode });
  }
}
