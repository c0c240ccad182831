// The words for an exec that failed after this process had become the native client.
import { TsnsError } from "../../base/error.ts";
import { errorOfFailure } from "../../kernel/sandbox/failure.ts";
import { parseReport } from "../../kernel/sandbox/report.ts";

/** The error of a report's text (native/README.md). */
export function failureOfReport(text: string): TsnsError {
  const report = parseReport(text);
  return report?.outcome === "failed"
    ? errorOfFailure(report, "exec")
    : new TsnsError("internal", "helper-died", "the native helper ended early", { exitCode: 125 });
}
