// tsns start: starts containers again, with the files they have.

import { TsnsError } from "../../src/base/error.ts";
import { attachContainer } from "../../src/engine/container/attach.ts";
import { describeContainer } from "../../src/engine/container/find.ts";
import { awaitEnd } from "../../src/engine/container/run.ts";
import { startContainer } from "../../src/engine/container/start.ts";
import { defineCommand } from "../command.ts";
import { forEachName } from "../option/each.ts";
import { withoutRunCode } from "../option/run-code.ts";

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
      return forEachName(context, args, async (name) => {
        try {
          await startContainer(engine, describeContainer(engine, name).record, { insert: false });
        } catch (error) {
          if (!isRunningAlready(error)) throw error; // docker: what is asked for is so
        }
      });
    }
    const [name = "", ...rest] = args;
    if (rest.length > 0)
      throw new TsnsError("invalid", "one-attach", "you cannot start and attach multiple containers at once", { hint: "name one" });
    const record = describeContainer(engine, name).record;
    const stdin = options.interactive ?? false;
    const client = { stdin: stdin && record.spec.openStdin, tty: record.spec.tty && context.stdinIsTTY };
    try {
      const started = await startContainer(engine, record, { insert: false, client, ...detachKeys });
      return started?.attached ? await awaitEnd(engine, record, started.attached) : 0;
    } catch (error) {
      if (!isRunningAlready(error)) throw withoutRunCode(error);
      return attachContainer(engine, name, { stdin, ...detachKeys });
    }
  },
});

function isRunningAlready(error: unknown): boolean {
  return error instanceof TsnsError && error.code === "already-running";
}
