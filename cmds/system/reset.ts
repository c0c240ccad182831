// tsns system reset: removes containers, networks and images of the data root.
import { TsnsError } from "../../src/base/error.ts";
import { resetSystem } from "../../src/engine/system/reset.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  path: "system reset",
  usage: "[OPTIONS]",
  summary: "Remove all containers, networks, images and files of the data root",
  options: { force: { type: "boolean", short: "f", describe: "Do it; without this option nothing is removed" } },
  arity: [0, 0],
  changes: true,
  async run(context, { options }) {
    if (!options.force && !context.mode.dryRun) {
      throw new TsnsError("invalid", "not-forced", "this removes every container, network and image of the data root", {
        hint: "say so with -f, or look first with --dry-run",
      });
    }
    await resetSystem(context.engine());
    return 0;
  },
});
