// tsns kill: one signal to process 1 of each container.
import { killContainer } from "../../src/engine/container/stop.ts";
import { defineCommand } from "../command.ts";
import { forEachName } from "../option/each.ts";

export const command = defineCommand({
  path: "container kill",
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Kill one or more running containers",
  options: { signal: { type: "string", short: "s", describe: "Signal to send to the container", default: "SIGKILL" } },
  arity: [1, Number.POSITIVE_INFINITY],
  changes: true,
  completes: "running",
  run(context, { options, args }) {
    return forEachName(context, args, (name) => killContainer(context.engine(), name, options.signal ?? "SIGKILL"));
  },
});
