// tsns volume create: a place for data that outlives containers.
import { createVolume } from "../../src/engine/volume/create.ts";
import { defineCommand } from "../command.ts";
import { parsePairs } from "../option/pair.ts";
import { Problems } from "../option/problem.ts";
import { usageError } from "../usage-error.ts";

export const command = defineCommand({
  path: "volume create",
  usage: "[OPTIONS] [VOLUME]",
  summary: "Create a volume",
  options: {
    driver: { type: "string", short: "d", value: "string", default: "local", describe: "Specify volume driver name" },
    label: { type: "list", describe: "Set metadata for a volume" },
    name: { type: "string", hidden: true, describe: "Specify volume name" },
    opt: { type: "list", short: "o", value: "map", describe: "Set driver specific options: of local type=, device=, o=" },
    availability: { type: "string", hidden: true, describe: "Not supported" },
    group: { type: "string", hidden: true, describe: "Not supported" },
    "limit-bytes": { type: "string", hidden: true, describe: "Not supported" },
    "required-bytes": { type: "string", hidden: true, describe: "Not supported" },
    scope: { type: "string", hidden: true, describe: "Not supported" },
    secret: { type: "list", hidden: true, describe: "Not supported" },
    sharing: { type: "string", hidden: true, describe: "Not supported" },
    "topology-preferred": { type: "list", hidden: true, describe: "Not supported" },
    "topology-required": { type: "list", hidden: true, describe: "Not supported" },
    type: { type: "string", hidden: true, describe: "Not supported" },
  },
  arity: [0, 1],
  changes: true,
  async run(context, { options, args }) {
    const problems = new Problems();
    for (const name of clusterOptions)
      if (options[name] !== undefined)
        problems.add(`--${name} is for cluster volumes, which need a swarm: this node is not a swarm manager`, "leave it out");
    const labels = problems.collect(() => parsePairs("label", "label", options.label ?? []), {});
    const driverOptions = problems.collect(() => parsePairs("opt", "option", options.opt ?? []), {});
    problems.throwIfAny();
    if (options.name !== undefined && args[0] !== undefined)
      throw usageError(
        "volume create",
        ["conflicting options: cannot specify a volume-name through both --name and as a positional arg"],
        1,
      );
    const name = args[0] ?? options.name;
    const request = { driver: options.driver ?? "local", labels, options: driverOptions };
    const record = await createVolume(context.engine(), name === undefined || name === "" ? request : { ...request, name });
    if (!context.mode.dryRun) context.stdout.write(`${record.name}\n`);
    return 0;
  },
});

/** docker's options for volumes of a swarm. */
const clusterOptions = [
  "availability",
  "group",
  "limit-bytes",
  "required-bytes",
  "scope",
  "secret",
  "sharing",
  "topology-preferred",
  "topology-required",
  "type",
] as const;
