// tsns network prune: removes networks that no container is on.
import { defineCommand } from "../command.ts";
import { prune, pruneOptions } from "../option/prune.ts";

export const command = defineCommand({
  path: "network prune",
  usage: "[OPTIONS]",
  summary: "Remove all unused networks",
  options: pruneOptions,
  arity: [0, 0],
  changes: true,
  run: (context, { options }) =>
    prune(context, options, {
      words: "network prune",
      request: { networks: true },
      warning: "WARNING! This will remove all custom networks not used by at least one container.",
      totalOfNone: false,
      withoutTotal: true,
    }),
});
