// tsns update: other limits for containers, live where they run.

import { parseRestartPolicy } from "../../src/container/restart.ts";
import { updateContainer } from "../../src/engine/container/update.ts";
import { defineCommand, type OptionTable } from "../command.ts";
import { forEachName } from "../option/each.ts";
import { Problems } from "../option/problem.ts";
import { parseResourceUpdate, updateResourceOptions } from "../option/resource.ts";
import { usageError } from "../usage-error.ts";

const options = {
  ...updateResourceOptions,
  restart: { type: "string", describe: "Restart policy to apply when a container exits: no, on-failure[:MAX], always, unless-stopped" },
} as const satisfies OptionTable;

export const command = defineCommand({
  path: "container update",
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Update configuration of one or more containers",
  options,
  arity: [1, Number.POSITIVE_INFINITY],
  changes: true,
  completes: "container",
  run(context, { options: values, args }) {
    const given = Object.keys(options).filter((name) => values[name as keyof typeof values] !== undefined);
    if (given.length === 0) throw usageError("update", ["you must provide one or more flags when using this command"], 1);
    const problems = new Problems();
    const parsed = parseResourceUpdate(problems, values);
    const restart = problems.collect(() => (values.restart === undefined ? undefined : parseRestartPolicy(values.restart)), undefined);
    problems.throwAsClient();
    // docker: 0 is no limit of processes, 0 of anything else no change
    const resources = values["pids-limit"] === 0 ? { ...parsed, pidsLimit: -1 } : parsed;
    return forEachName(context, args, (name) => updateContainer(context.engine(), name, { resources, ...(restart ? { restart } : {}) }));
  },
});
