// tsns network rm: takes networks out of the kernel.
import { removeNetwork } from "../../src/engine/network/remove.ts";
import { defineCommand } from "../command.ts";
import { forEachName } from "../option/each.ts";

export const command = defineCommand({
  path: "network rm",
  usage: "NETWORK [NETWORK...]",
  summary: "Remove one or more networks; the default one is made again when a container needs it",
  options: {},
  arity: [1, Number.POSITIVE_INFINITY],
  changes: true,
  completes: "network",
  run(context, { args }) {
    return forEachName(context, args, (name) => removeNetwork(context.engine(), name));
  },
});
