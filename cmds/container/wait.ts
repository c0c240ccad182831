// tsns wait: blocks until containers have ended, prints their exit codes.
import { waitContainer } from "../../src/engine/container/stop.ts";
import { defineCommand } from "../command.ts";
import { forEachName } from "../option/each.ts";

export const command = defineCommand({
  path: "container wait",
  usage: "CONTAINER [CONTAINER...]",
  summary: "Block until one or more containers stop, then print their exit codes",
  options: {},
  arity: [1, Number.POSITIVE_INFINITY],
  completes: "running",
  run(context, { args }) {
    return forEachName(context, args, async (name) => `${await waitContainer(context.engine(), name)}`);
  },
});
