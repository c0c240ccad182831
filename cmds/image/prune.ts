// `tsns image prune`: removes images that nobody uses.
import { defineCommand } from "../command.ts";
import { prune, pruneOptions } from "../option/prune.ts";

export const command = defineCommand({
  path: "image prune",
  usage: "[OPTIONS]",
  summary: "Remove unused images",
  options: { all: { type: "boolean", short: "a", describe: "Remove all unused images, not just dangling ones" }, ...pruneOptions },
  arity: [0, 0],
  changes: true,
  run(context, { options }) {
    const { isAll, filters } = splitDangling(options.all ?? false, options.filter ?? []);
    const what = isAll ? "all images without at least one container associated to them" : "all dangling images";
    return prune(
      context,
      { ...options, filter: filters },
      {
        words: "image prune",
        request: { images: isAll ? "all" : "dangling" },
        warning: `WARNING! This will remove ${what}.`,
        totalOfNone: true,
      },
    );
  },
});

/** docker takes the filter `dangling=false` for --all. */
function splitDangling(all: boolean, given: readonly string[]): { readonly isAll: boolean; readonly filters: readonly string[] } {
  const isDangling = (filter: string) => /^dangling=(?:true|false|1|0)$/.test(filter);
  const isAll = all || given.some((filter) => filter === "dangling=false" || filter === "dangling=0");
  return { isAll, filters: given.filter((filter) => !isDangling(filter)) };
}
