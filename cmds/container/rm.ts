// tsns rm: removes containers and all that is theirs.

import { TsnsError } from "../../src/base/error.ts";
import { removeContainer } from "../../src/engine/container/remove.ts";
import { defineCommand } from "../command.ts";
import { forEachName } from "../option/each.ts";

export const command = defineCommand({
  path: "container rm",
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Remove one or more containers",
  options: {
    force: { type: "boolean", short: "f", describe: "Force the removal of a running container (uses SIGKILL)" },
    link: { type: "boolean", short: "l", describe: "Remove the specified link" },
    volumes: { type: "boolean", short: "v", describe: "Remove anonymous volumes associated with the container" },
  },
  arity: [1, Number.POSITIVE_INFINITY],
  changes: true,
  completes: "container",
  run(context, { options, args }) {
    const force = options.force ?? false;
    const remove = async (name: string) => {
      if (!options.link) return removeContainer(context.engine(), name, force, { volumes: options.volumes ?? false });
      return (await import("../../src/engine/container/link-remove.ts")).removeLink(context.engine(), name);
    };
    return forEachName(context, args, async (name) => {
      try {
        return await remove(name);
      } catch (error) {
        // Docker: with -f a container, or link, that is not there is told, but is no failure.
        if (!(force && error instanceof TsnsError && missing.has(error.code))) throw error;
        context.stderr.write(`tsns: ${error.message}\n`);
        return false;
      }
    });
  },
});

const missing: ReadonlySet<string> = new Set(["no-such-container", "no-such-link"]);
