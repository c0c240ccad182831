// tsns stop: the stop signal, a grace period, SIGKILL.
import { stopContainer } from "../../src/engine/container/stop.ts";
import { defineCommand } from "../command.ts";
import { forEachName } from "../option/each.ts";

export const command = defineCommand({
  path: "container stop",
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Stop one or more running containers",
  options: {
    signal: { type: "string", short: "s", describe: "Signal to send to the container" },
    timeout: {
      type: "number",
      short: "t",
      value: "int",
      aliases: ["time"],
      describe: "Seconds to wait before killing the container (-1: for ever)",
    },
  },
  arity: [1, Number.POSITIVE_INFINITY],
  changes: true,
  completes: "running",
  run(context, { options, args }) {
    const request = {
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.timeout === undefined ? {} : { timeoutSeconds: options.timeout }),
    };
    return forEachName(context, args, (name) => stopContainer(context.engine(), name, request));
  },
});
