// tsns volume inspect: everything about volumes, as docker's JSON or through a template.
import { inspectVolume } from "../../src/engine/volume/list.ts";
import { defineCommand } from "../command.ts";
import { inspectEach, inspectFormat } from "../option/inspect-each.ts";

export const command = defineCommand({
  path: "volume inspect",
  usage: "[OPTIONS] VOLUME [VOLUME...]",
  summary: "Display detailed information on one or more volumes",
  options: { format: inspectFormat },
  arity: [1, Number.POSITIVE_INFINITY],
  completes: "volume",
  run: (context, { options, args }) => inspectEach(context, args, options.format, (name) => inspectVolume(context.engine(), name)),
});
