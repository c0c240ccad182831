// tsns container cleanup: what a monitor calls when its container has ended and no other tsns is there to clean up, and when it is time for
// the next run of one that is started again by its restart policy.
import { concludeRun } from "../../src/engine/container/repair.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  path: "container cleanup",
  usage: "CONTAINER",
  summary: "Clean up after a container that has ended",
  options: {},
  arity: [1, 1],
  async run(context, { args }) {
    await concludeRun(context.engine(), args[0] ?? "");
    return 0;
  },
});
