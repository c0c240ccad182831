// `tsns commit`: an image of what a container has changed.
import { commitContainer } from "../../src/engine/container/commit.ts";
import { defineCommand } from "../command.ts";
import { changeOption } from "../option/instruction.ts";

export const command = defineCommand({
  path: "container commit",
  usage: "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
  summary: "Make an image of a container's changes",
  options: {
    author: { type: "string", short: "a", value: "string", describe: "Author, as in NAME <ADDRESS>" },
    change: changeOption,
    message: { type: "string", short: "m", value: "string", describe: "Comment kept with the image" },
    pause: { type: "boolean", short: "p", default: true, describe: "Stop the container's processes meanwhile" },
  },
  arity: [1, 2],
  changes: true,
  completes: "container",
  async run(context, { options, args: [container = "", name] }) {
    const image = await commitContainer(context.engine(), {
      container,
      ...(name === undefined ? {} : { name }),
      ...(options.author === undefined ? {} : { author: options.author }),
      ...(options.message === undefined ? {} : { message: options.message }),
      ...(options.change === undefined ? {} : { changes: options.change }),
      pause: options.pause ?? true,
      signal: context.signal,
    });
    if (image) context.stdout.write(`${image.id}\n`);
    return 0;
  },
});
