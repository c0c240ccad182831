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
    const what = options.all ? "all images without at least one container associated to them" : "all dangling images";
    return prune(context, options, {
      words: "image prune",
      request: { images: options.all ? "all" : "dangling" },
      warning: `WARNING! This will remove ${what}.`,
      totalOfNone: true,
    });
  },
});
