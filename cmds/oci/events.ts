// tsns oci events: counters of a container as lines of JSON.
import { parseDuration } from "../../src/base/time.ts";
import { followRuntime, type RuntimeEvent, readRuntimeStats } from "../../src/engine/runtime/events.ts";
import { defineCommand } from "../command.ts";
import { usageError } from "../usage-error.ts";
import { globalOptions, runtimeOf } from "./global.ts";

export { start } from "./start.ts";

export const command = defineCommand({
  path: "oci events",
  usage: "[OPTIONS] CONTAINER-ID",
  summary: "Print what a container uses, and when memory ran out, until it stops",
  options: {
    ...globalOptions,
    interval: { type: "string", value: "duration", describe: "Between two of its counters", default: "5s" },
    stats: { type: "boolean", describe: "Print the counters once" },
  },
  arity: [1, 1],
  async run(context, { options, args: [id = ""] }) {
    const runtime = runtimeOf(context, options);
    const intervalMs = parseDuration(options.interval ?? "5s", "interval");
    if (intervalMs <= 0) throw usageError("oci events", ["duration interval must be greater than 0"], 1);
    const tell = (event: RuntimeEvent) => context.stdout.write(`${JSON.stringify(event)}\n`);
    if (options.stats) tell(await readRuntimeStats(runtime, id));
    else await followRuntime(runtime, id, intervalMs, context.signal, tell);
    return 0;
  },
});
