// tsns unpause: the processes of paused containers go on.
import { unpauseContainer } from "../../src/engine/container/pause.ts";
import { defineCommand } from "../command.ts";
import { forEachName } from "../option/each.ts";

export const command = defineCommand({
  path: "container unpause",
  usage: "CONTAINER [CONTAINER...]",
  summary: "Unpause all processes within one or more containers",
  options: {},
  arity: [1, Number.POSITIVE_INFINITY],
  changes: true,
  completes: "running",
  run: (context, { args }) => forEachName(context, args, (name) => unpauseContainer(context.engine(), name)),
});
