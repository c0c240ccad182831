// tsns network disconnect: a container leaves a network, at once when it runs.
import { disconnectNetwork } from "../../src/engine/network/disconnect.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  path: "network disconnect",
  usage: "[OPTIONS] NETWORK CONTAINER",
  summary: "Disconnect a container from a network",
  options: { force: { type: "boolean", short: "f", describe: "Force the container to disconnect from a network" } },
  arity: [2, 2],
  changes: true,
  completes: ["network", "container"],
  async run(context, { options, args: [network = "", container = ""] }) {
    await disconnectNetwork(context.engine(), network, container, { force: options.force ?? false });
    return 0;
  },
});
