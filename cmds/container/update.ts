// tsns update: other limits for containers, live where they run.
import { updateContainer } from "../../src/engine/container/update.ts";
import { defineCommand } from "../command.ts";
import { forEachName } from "../option/each.ts";
import { Problems } from "../option/problem.ts";
import { parseResourceUpdate, updateResourceOptions } from "../option/resource.ts";
import { usageError } from "../usage-error.ts";

export const command = defineCommand({
  path: "container update",
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Update configuration of one or more containers",
  options: updateResourceOptions,
  arity: [1, Number.POSITIVE_INFINITY],
  changes: true,
  completes: "container",
  run(context, { options, args }) {
    const given = Object.keys(updateResourceOptions).filter((name) => options[name as keyof typeof options] !== undefined);
    if (given.length === 0) throw usageError("update", ["you must provide one or more flags when using this command"], 1);
    const problems = new Problems();
    const parsed = parseResourceUpdate(problems, options);
    problems.throwIfAny();
    // docker: 0 is no limit of processes, 0 of anything else no change
    const resources = options["pids-limit"] === 0 ? { ...parsed, pidsLimit: -1 } : parsed;
    return forEachName(context, args, (name) => updateContainer(context.engine(), name, { resources }));
  },
});
