// tsns run: creates a container, starts it, stays with it unless -d.
import { runContainer } from "../../src/engine/container/run.ts";
import { defineCommand } from "../command.ts";
import { writeCidfile } from "../option/cidfile.ts";
import { refuseContentTrust } from "../option/content-trust.ts";
import { createOptions, parseCreate } from "../option/create.ts";
import { requireTerminal } from "../option/terminal.ts";
import { ensureImage } from "./image.ts";

export const command = defineCommand({
  path: "container run",
  usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
  summary: "Create and run a new container from an image",
  options: {
    ...createOptions,
    detach: { type: "boolean", short: "d", describe: "Run container in background and print container ID" },
    "detach-keys": { type: "string", describe: "Override the key sequence for detaching a container" },
  },
  arity: [1, Number.POSITIVE_INFINITY],
  interspersed: false,
  changes: true,
  completes: "image",
  failureExitCode: 125,
  async run(context, { options, args }) {
    const attached = !options.detach;
    const request = parseCreate(context, options, args, attached, options["detach-keys"]);
    if (attached && request.tty && request.openStdin) requireTerminal(context);
    refuseContentTrust(context, options["disable-content-trust"], request.image);
    const { image, platform } = request;
    await ensureImage(context, { image, platform, policy: options.pull, isQuiet: options.quiet ?? false });
    const cidfile = writeCidfile(context, options.cidfile);
    const result = await runContainer(context.engine(), request, {
      ...(attached ? { client: { stdin: request.openStdin, tty: request.tty && context.stdinIsTTY } } : {}),
      onCreated: (record) => cidfile(record.id),
    });
    if (!result) return 0;
    if (!attached) context.stdout.write(`${result.record.id}\n`);
    return result.exitCode;
  },
});
