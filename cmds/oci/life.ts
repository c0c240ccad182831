// tsns oci start|state|kill|delete|pause|resume: what is done to a container by its ID alone.
import { renderView } from "../../src/runtime/view.ts";
import { defineCommand } from "../command.ts";
import { globalOptions, runtimeOf } from "./global.ts";

export { start } from "./start.ts";

export const begin = defineCommand({
  path: "oci start",
  usage: "CONTAINER-ID",
  summary: "Run the program of a created container",
  options: globalOptions,
  arity: [1, 1],
  async run(context, { options, args: [id = ""] }) {
    const { startRuntime } = await import("../../src/engine/runtime/start.ts");
    await startRuntime(runtimeOf(context, options), id);
    return 0;
  },
});

export const state = defineCommand({
  path: "oci state",
  usage: "CONTAINER-ID",
  summary: "Print the state of a container as JSON",
  options: globalOptions,
  arity: [1, 1],
  async run(context, { options, args: [id = ""] }) {
    const { viewRuntime } = await import("../../src/engine/runtime/list.ts");
    context.stdout.write(renderView(await viewRuntime(runtimeOf(context, options), id)));
    return 0;
  },
});

export const kill = defineCommand({
  path: "oci kill",
  usage: "[OPTIONS] CONTAINER-ID [SIGNAL]",
  summary: "Send a signal (SIGTERM) to the first process of a container",
  options: { ...globalOptions, all: { type: "boolean", short: "a", describe: "Send it to all processes of the container" } },
  arity: [1, 2],
  async run(context, { options, args: [id = "", signal = "SIGTERM"] }) {
    const { killRuntime } = await import("../../src/engine/runtime/kill.ts");
    await killRuntime(runtimeOf(context, options), id, signal, options.all === true);
    return 0;
  },
});

export const remove = defineCommand({
  path: "oci delete",
  usage: "[OPTIONS] CONTAINER-ID",
  summary: "Take away all that was made for a container",
  options: {
    ...globalOptions,
    force: { type: "boolean", short: "f", describe: "End it first (SIGKILL) if it runs; no error if there is none" },
  },
  arity: [1, 1],
  async run(context, { options, args: [id = ""] }) {
    const { deleteRuntime } = await import("../../src/engine/runtime/delete.ts");
    await deleteRuntime(runtimeOf(context, options), id, { force: options.force === true });
    return 0;
  },
});

export const pause = defineCommand({
  path: "oci pause",
  usage: "CONTAINER-ID",
  summary: "Stop all processes of a container where they are",
  options: globalOptions,
  arity: [1, 1],
  async run(context, { options, args: [id = ""] }) {
    const { pauseRuntime } = await import("../../src/engine/runtime/pause.ts");
    await pauseRuntime(runtimeOf(context, options), id);
    return 0;
  },
});

export const resume = defineCommand({
  path: "oci resume",
  usage: "CONTAINER-ID",
  summary: "Let the processes of a paused container go on",
  options: globalOptions,
  arity: [1, 1],
  async run(context, { options, args: [id = ""] }) {
    const { resumeRuntime } = await import("../../src/engine/runtime/pause.ts");
    await resumeRuntime(runtimeOf(context, options), id);
    return 0;
  },
});
