// `tsns system prune`: removes containers, networks and images that nobody uses.
import { defineCommand } from "../command.ts";
import { prune, pruneOptions } from "../option/prune.ts";
import { usageError } from "../usage-error.ts";

export const command = defineCommand({
  path: "system prune",
  usage: "[OPTIONS]",
  summary: "Remove unused data",
  options: {
    all: { type: "boolean", short: "a", describe: "Remove all unused images, not just dangling ones" },
    volumes: { type: "boolean", describe: "Prune anonymous volumes too" },
    ...pruneOptions,
  },
  arity: [0, 0],
  changes: true,
  run(context, { options }) {
    const filters = options.filter ?? [];
    if (options.volumes && filters.some((filter) => filter.startsWith("until=")))
      throw usageError("system prune", [`The "until" filter is not supported with "--volumes"`], 1);
    return prune(context, options, {
      words: "system prune",
      request: {
        containers: true,
        networks: true,
        images: options.all ? "all" : "dangling",
        ...(options.volumes ? { volumes: "anonymous" } : {}),
      },
      warning: warningOf({ all: options.all ?? false, volumes: options.volumes ?? false, filters }),
      totalOfNone: false,
    });
  },
});

function warningOf({
  all,
  volumes,
  filters,
}: {
  readonly all: boolean;
  readonly volumes: boolean;
  readonly filters: readonly string[];
}): string {
  const kinds = [
    "all stopped containers",
    "all networks not used by at least one container",
    ...(volumes ? ["all anonymous volumes not used by at least one container"] : []),
    all ? "all images without at least one container associated to them" : "all dangling images",
    all ? "all build cache" : "all dangling build cache",
  ];
  const list = (lines: readonly string[]) => lines.map((line) => `  - ${line}\n`).join("");
  const filtered = filters.length === 0 ? "" : `\n  Items to be pruned will be filtered with:\n${list([...filters].sort())}`;
  return `WARNING! This will remove:\n${list(kinds)}${filtered}`;
}
