// tsns dns trace: what a name comes to for a container, and who says so.
import { escapeControlExceptLayout, renderJson } from "../../src/base/text.ts";
import { traceForContainer } from "../../src/engine/name/service.ts";
import { askableTypes } from "../../src/name/record.ts";
import { renderTrace } from "../../src/name/trace.ts";
import { defineCommand } from "../command.ts";
import { toolkitExitCode, usageError } from "../usage-error.ts";

export const command = defineCommand({
  path: "dns trace",
  usage: "[OPTIONS] CONTAINER NAME [TYPE...]",
  summary: "Show how a name is resolved for a container: search list, network or name server that answered, each try with its time",
  options: { json: { type: "boolean", describe: "Print one JSON object" } },
  arity: [2, Number.POSITIVE_INFINITY],
  completes: "running",
  async run(context, { options, args }) {
    const [container = "", name = "", ...words] = args;
    const types = words.map((word) => word.toUpperCase());
    const unknown = types.filter((type) => !askableTypes.includes(type));
    const problem = `unknown type of record ${unknown.join(", ")}: give one of ${askableTypes.join(", ")}`;
    if (unknown.length > 0) throw usageError("dns trace", [problem], toolkitExitCode);
    const trace = await traceForContainer(context.engine(), { container, name, types });
    context.stdout.write(options.json ? `${renderJson(trace, 2)}\n` : escapeControlExceptLayout(renderTrace(trace)));
    return trace.found ? 0 : 1;
  },
});
