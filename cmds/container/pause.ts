// tsns pause: the processes of containers stand still.
import { pauseContainer } from "../../src/engine/container/pause.ts";
import { defineCommand } from "../command.ts";
import { forEachName } from "../option/each.ts";

export const command = defineCommand({
  path: "container pause",
  usage: "CONTAINER [CONTAINER...]",
  summary: "Pause all processes within one or more containers",
  options: {},
  arity: [1, Number.POSITIVE_INFINITY],
  changes: true,
  completes: "running",
  run: (context, { args }) => forEachName(context, args, (name) => pauseContainer(context.engine(), name)),
});
