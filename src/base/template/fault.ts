// Errors of templates in docker's wording, with line and column. Knows neither grammar nor values.
import { TsnsError } from "../error.ts";

const hint = "see `Templates` in tsns(1)";

/** The template itself is malformed. `at`: offset of the trouble. */
export function templateError(source: string, at: number, message: string): TsnsError {
  return new TsnsError("invalid", "bad-template", `template parsing error: template: :${position(source, at).line}: ${message}`, { hint });
}

/** The template cannot be applied to this value; `text` is the piece that could not, `remedy` what would do instead. */
export function executionError(source: string, at: number, text: string, message: string, remedy?: string): TsnsError {
  const { line, column } = position(source, at);
  const where = `template: :${line}:${column}: executing "" at <${text.slice(0, 60)}>`;
  return new TsnsError(
    "invalid",
    "template-failed",
    `failed to execute template: ${where}: ${message}`,
    remedy === undefined ? {} : { hint: remedy },
  );
}

function position(source: string, at: number): { line: number; column: number } {
  const before = source.slice(0, at);
  const lines = before.split("\n");
  return { line: lines.length, column: (lines.at(-1) ?? "").length };
}
