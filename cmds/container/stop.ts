// tsns stop: the stop signal, a grace period, SIGKILL.
import { stopContainer } from "../../src/engine/container/stop.ts";
import { defineCommand } from "../command.ts";
import { forEachAtOnce } from "../option/each.ts";
import { parseStop, stopOptions } from "../option/stop.ts";

export const command = defineCommand({
  path: "container stop",
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Stop one or more running containers",
  options: stopOptions,
  arity: [1, Number.POSITIVE_INFINITY],
  changes: true,
  completes: "running",
  run: (context, { options, args }) => forEachAtOnce(context, args, (name) => stopContainer(context.engine(), name, parseStop(options))),
});
