// tsns restart: containers end and are started again; one that does not run is started.
import { restartContainer } from "../../src/engine/container/restart.ts";
import { defineCommand } from "../command.ts";
import { forEachName } from "../option/each.ts";
import { parseStop, stopOptions } from "../option/stop.ts";

export const command = defineCommand({
  path: "container restart",
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Restart one or more containers",
  options: stopOptions,
  arity: [1, Number.POSITIVE_INFINITY],
  changes: true,
  completes: "container",
  run: (context, { options, args }) => forEachName(context, args, (name) => restartContainer(context.engine(), name, parseStop(options))),
});
