// `tsns ns rm`: takes named sets of namespaces away.
import { removeSet } from "../../src/engine/namespace/create.ts";
import { defineCommand } from "../command.ts";
import { forEachName } from "../option/each.ts";

export const command = defineCommand({
  path: "ns rm",
  usage: "[OPTIONS] NAME [NAME...]",
  summary: "Remove named sets of namespaces",
  options: {
    force: { type: "boolean", short: "f", describe: "Kill the processes of the set's pid namespace" },
  },
  arity: [1, Number.POSITIVE_INFINITY],
  changes: true,
  run: (context, { options, args }) => forEachName(context, args, (name) => removeSet(context.engine(), name, options.force ?? false)),
});
