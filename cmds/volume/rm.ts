// tsns volume rm: removes volumes and what is in them.
import { removeVolume } from "../../src/engine/volume/remove.ts";
import { defineCommand } from "../command.ts";
import { forEachName, unlessMissing } from "../option/each.ts";

export const command = defineCommand({
  path: "volume rm",
  usage: "[OPTIONS] VOLUME [VOLUME...]",
  summary: "Remove one or more volumes",
  options: { force: { type: "boolean", short: "f", describe: "Do not error if a volume does not exist" } },
  arity: [1, Number.POSITIVE_INFINITY],
  changes: true,
  completes: "volume",
  run: (context, { args, options }) =>
    forEachName(context, args, (name) => removeVolume(context.engine(), name).catch(unlessMissing(options.force, undefined))),
});
