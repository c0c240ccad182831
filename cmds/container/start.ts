// tsns start: starts containers again, with the files they have.

import { TsnsError } from "../../src/base/error.ts";
import { describeContainer } from "../../src/engine/container/find.ts";
import { awaitEnd } from "../../src/engine/container/run.ts";
import { startContainer } from "../../src/engine/container/start.ts";
import { defineCommand } from "../command.ts";
import { forEachName } from "../option/each.ts";

export const command = defineCommand({
  path: "container start",
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Start one or more stopped containers",
  options: {
    attach: { type: "boolean", short: "a", describe: "Attach standard output and error and forward signals" },
    "detach-keys": { type: "string", describe: "Override the key sequence for detaching a container" },
    interactive: { type: "boolean", short: "i", describe: "Attach the container's standard input" },
  },
  arity: [1, Number.POSITIVE_INFINITY],
  changes: true,
  completes: "container",
  async run(context, { options, args }) {
    const engine = context.engine();
    const detachKeys = options["detach-keys"] === undefined ? {} : { detachKeys: options["detach-keys"] };
    if (!options.attach && !options.interactive) {
      return forEachName(context, args, (name) => startContainer(engine, describeContainer(engine, name).record, { insert: false }));
    }
    const [name = "", ...rest] = args;
    if (rest.length > 0)
      throw new TsnsError("invalid", "one-attach", "you cannot start and attach multiple containers at once", { hint: "name one" });
    const record = describeContainer(engine, name).record;
    const client = { stdin: (options.interactive ?? false) && record.spec.openStdin, tty: record.spec.tty && context.stdinIsTTY };
    const started = await startContainer(engine, record, { insert: false, client, ...detachKeys });
    return started?.attached ? awaitEnd(engine, record, started.attached) : 0;
  },
});
