// tsns kill: one signal to process 1 of each container, or to another process of one.
import { killContainer } from "../../src/engine/container/stop.ts";
import { defineCommand } from "../command.ts";
import { forEachName } from "../option/each.ts";
import { usageError } from "../usage-error.ts";

export const command = defineCommand({
  path: "container kill",
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Kill one or more running containers",
  options: {
    process: { type: "number", value: "pid", describe: "Send it to this process of the container, by its number on the host" },
    signal: { type: "string", short: "s", describe: "Signal to send to the container", default: "SIGKILL" },
  },
  arity: [1, Number.POSITIVE_INFINITY],
  changes: true,
  completes: "running",
  async run(context, { options, args }) {
    const { process: pid, signal = "SIGKILL" } = options;
    if (pid !== undefined) {
      if (!Number.isInteger(pid) || pid < 1) throw usageError("kill", [`invalid --process ${pid}: write the number of a process`]);
      if (args.length > 1) throw usageError("kill", ["--process is of one container"]);
      const { signalProcess } = await import("../../src/engine/container/signal-process.ts");
      return await forEachName(context, args, (name) => signalProcess(context.engine(), name, pid, signal));
    }
    return await forEachName(context, args, (name) => killContainer(context.engine(), name, signal));
  },
});
