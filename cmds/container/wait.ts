// tsns wait: blocks until containers have ended, prints their exit codes.
import { waitConditions, waitContainer } from "../../src/engine/container/wait.ts";
import { defineCommand } from "../command.ts";
import { forEachName } from "../option/each.ts";

export const command = defineCommand({
  path: "container wait",
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Block until one or more containers stop, then print their exit codes",
  options: {
    condition: {
      type: "string",
      choices: waitConditions,
      default: "not-running",
      describe: "What to wait for: that it does not run, that it ends once more, that it is removed",
    },
  },
  arity: [1, Number.POSITIVE_INFINITY],
  completes: "container",
  run(context, { options, args }) {
    const condition = waitConditions.find((one) => one === options.condition);
    return forEachName(context, args, async (name) => `${await waitContainer(context.engine(), name, condition, context.signal)}`);
  },
});
