// tsns network inspect: everything about networks, as docker's JSON or through a template.
import { inspectNetwork } from "../../src/engine/network/inspect.ts";
import { defineCommand } from "../command.ts";
import { inspectEach, inspectFormat } from "../option/inspect-each.ts";

export const command = defineCommand({
  path: "network inspect",
  usage: "[OPTIONS] NETWORK [NETWORK...]",
  summary: "Display detailed information on one or more networks",
  options: {
    format: inspectFormat,
    verbose: { type: "boolean", short: "v", describe: "Show also how many addresses of each subnet are in use" },
  },
  arity: [1, Number.POSITIVE_INFINITY],
  completes: "network",
  run: (context, { options, args }) =>
    inspectEach(context, args, options.format, (name) => inspectNetwork(context.engine(), name, options.verbose)),
});
