// tsns container failure: what the native client becomes when exec could not start its command.
import { failureOfReport } from "../../src/engine/container/failure.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  path: "container failure",
  usage: "REPORT",
  summary: "Explain a report of the native helper",
  options: {},
  arity: [1, 1],
  run(_context, { args }) {
    throw failureOfReport(args[0] ?? "");
  },
});
