// `tsns container prune`: removes all containers that do not run.
import { defineCommand } from "../command.ts";
import { prune, pruneOptions } from "../option/prune.ts";

export const command = defineCommand({
  path: "container prune",
  usage: "[OPTIONS]",
  summary: "Remove all stopped containers",
  options: pruneOptions,
  arity: [0, 0],
  changes: true,
  run: (context, { options }) =>
    prune(context, options, {
      words: "container prune",
      request: { containers: true },
      warning: "WARNING! This will remove all stopped containers.",
      totalOfNone: true,
    }),
});
