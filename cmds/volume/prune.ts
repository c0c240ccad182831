// tsns volume prune: removes volumes that no container uses.
import { defineCommand } from "../command.ts";
import { prune, pruneOptions } from "../option/prune.ts";
import { usageError } from "../usage-error.ts";

export const command = defineCommand({
  path: "volume prune",
  usage: "[OPTIONS]",
  summary: "Remove unused local volumes",
  options: {
    all: { type: "boolean", short: "a", describe: "Remove all unused volumes, not just anonymous ones" },
    ...pruneOptions,
    filter: { type: "list", value: "filter", describe: "Remove only what fits: label=KEY[=VALUE], label!=KEY[=VALUE], all=true" },
  },
  arity: [0, 0],
  changes: true,
  run(context, { options }) {
    const asked = options.filter ?? [];
    const every = asked.filter((filter) => filter.startsWith("all="));
    const problems = [
      ...(options.all && every.length > 0 ? [`conflicting options: cannot specify both --all and --filter ${every[0]}`] : []),
      ...every.filter((filter) => !/^all=(1|t|true|0|f|false)$/i.test(filter)).map((filter) => `invalid filter '${filter}'`),
      ...asked.filter((filter) => filter.startsWith("until=")).map((filter) => `invalid filter '${filter}': volumes are not pruned by age`),
    ];
    if (problems.length > 0) throw usageError("volume prune", problems, 1);
    const all = (options.all ?? false) || every.some((filter) => /^all=(1|t)/i.test(filter));
    const filter = asked.filter((text) => !text.startsWith("all="));
    return prune(
      context,
      { ...options, filter },
      {
        words: "volume prune",
        request: { volumes: all ? "all" : "anonymous" },
        warning: `WARNING! This will remove ${all ? "all" : "anonymous"} local volumes not used by at least one container.`,
        totalOfNone: true,
      },
    );
  },
});
