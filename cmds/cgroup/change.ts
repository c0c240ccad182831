// `tsns cgroup create`, `set`, `add`, `freeze`, `thaw`, `kill` and `rm`.
import { parseInteger } from "../../src/base/unit.ts";
import { parseSignal } from "../../src/container/signal.ts";
import { addProcesses, createGroup, freezeGroup, killGroup, removeGroup, setLimits } from "../../src/engine/cgroup/change.ts";
import { defineCommand } from "../command.ts";
import { asUsage, limitOptions, parseLimitOptions } from "../option/limit.ts";
import { usageError } from "../usage-error.ts";

const many = Number.POSITIVE_INFINITY;

const force = {
  type: "boolean",
  short: "f",
  describe: "Also when a running container of another engine is in it",
} as const;

export const create = defineCommand({
  path: "cgroup create",
  usage: "[OPTIONS] CGROUP",
  summary: "Create a group in every hierarchy, with its limits",
  options: {
    ...limitOptions,
    controllers: { type: "string", value: "list", describe: "On v1 only in the hierarchies of these controllers (memory,pids)" },
    force,
  },
  arity: [1, 1],
  changes: true,
  async run(context, { options, args }) {
    const { limits } = parseLimitOptions(options);
    const controllers = (options.controllers ?? "").split(",").filter((name) => name !== "");
    await createGroup(context.engine(), args[0] ?? "", limits, controllers, options.force ?? false);
    return 0;
  },
});

export const set = defineCommand({
  path: "cgroup set",
  usage: "[OPTIONS] CGROUP|CONTAINER [KEY=VALUE...]",
  summary: "Change limits of a group, or write the kernel's own files",
  options: { ...limitOptions, force },
  arity: [1, many],
  changes: true,
  completes: "running",
  async run(context, { options, args }) {
    const [reference = "", ...words] = args;
    const settings = parseLimitOptions(options, words);
    if (Object.keys(settings.limits).length === 0 && settings.raw.size === 0) {
      throw usageError("cgroup set", ["nothing to set: give --memory, --cpus ... or KEY=VALUE"], 2);
    }
    await setLimits(context.engine(), reference, settings, options.force ?? false);
    return 0;
  },
});

export const add = defineCommand({
  path: "cgroup add",
  usage: "[OPTIONS] CGROUP|CONTAINER PID...",
  summary: "Move processes into a group, in every hierarchy",
  options: { force },
  arity: [2, many],
  changes: true,
  completes: "running",
  async run(context, { options, args }) {
    const [reference = "", ...words] = args;
    const pids = asUsage(() => words.map((word) => parseInteger(word, "process id", 1, 4_194_304)));
    await addProcesses(context.engine(), reference, pids, options.force ?? false);
    return 0;
  },
});

export const freeze = defineCommand({
  path: "cgroup freeze",
  usage: "[OPTIONS] CGROUP|CONTAINER",
  summary: "Stop all processes of a group where they are",
  options: { force },
  arity: [1, 1],
  changes: true,
  completes: "running",
  async run(context, { options, args }) {
    await freezeGroup(context.engine(), args[0] ?? "", true, options.force ?? false);
    return 0;
  },
});

export const thaw = defineCommand({
  path: "cgroup thaw",
  usage: "[OPTIONS] CGROUP|CONTAINER",
  summary: "Let the processes of a frozen group go on",
  options: { force },
  arity: [1, 1],
  changes: true,
  completes: "running",
  async run(context, { options, args }) {
    await freezeGroup(context.engine(), args[0] ?? "", false, options.force ?? false);
    return 0;
  },
});

export const kill = defineCommand({
  path: "cgroup kill",
  usage: "[OPTIONS] CGROUP|CONTAINER",
  summary: "End all processes of a group, or send them a signal",
  options: {
    signal: { type: "string", short: "s", describe: "Signal to send; other than KILL only to those there now", default: "KILL" },
    force,
  },
  arity: [1, 1],
  changes: true,
  completes: "running",
  async run(context, { options, args }) {
    const signal = asUsage(() => parseSignal(options.signal ?? "KILL"));
    await killGroup(context.engine(), args[0] ?? "", signal, options.force ?? false);
    return 0;
  },
});

export const rm = defineCommand({
  path: "cgroup rm",
  usage: "[OPTIONS] CGROUP",
  summary: "Remove a group from every hierarchy",
  options: {
    recursive: { type: "boolean", short: "r", describe: "Remove the groups below it too" },
    force: { type: "boolean", short: "f", describe: "End its processes first, also those of another engine's container" },
  },
  arity: [1, 1],
  changes: true,
  async run(context, { options, args }) {
    await removeGroup(context.engine(), args[0] ?? "", { recursive: options.recursive ?? false, force: options.force ?? false });
    return 0;
  },
});
