// tsns container failure: the words for what the native helper reports when exec could not start its command.

import { TsnsError } from "../../src/base/error.ts";
import { errorOfReport, parseReport } from "../../src/kernel/sandbox/report.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  path: "container failure",
  usage: "REPORT",
  summary: "Explain a report of the native helper",
  options: {},
  arity: [1, 1],
  run(_context, { args }) {
    const report = parseReport(args[0] ?? "");
    if (report?.outcome === "failed") throw errorOfReport(report);
    throw new TsnsError("internal", "helper-died", "the native helper ended early", { exitCode: 125 });
  },
});
