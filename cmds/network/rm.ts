// tsns network rm: takes networks out of the kernel.
import { removeNamedNetwork } from "../../src/engine/network/remove.ts";
import { defineCommand } from "../command.ts";
import { forEachName, unlessMissing } from "../option/each.ts";

export const command = defineCommand({
  path: "network rm",
  usage: "[OPTIONS] NETWORK [NETWORK...]",
  summary: "Remove one or more networks",
  options: {
    default: { type: "boolean", describe: "Also the default network, bridge; the next container that needs it makes it again" },
    force: { type: "boolean", short: "f", describe: "Do not error if the network does not exist" },
  },
  arity: [1, Number.POSITIVE_INFINITY],
  changes: true,
  completes: "network",
  run(context, { args, options }) {
    return forEachName(context, args, (name) =>
      removeNamedNetwork(context.engine(), name, options.default ?? false).catch(unlessMissing(options.force, false)),
    );
  },
});
