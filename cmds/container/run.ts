// tsns run: creates a container, starts it, stays with it unless -d.
import type { CreateRequest } from "../../src/container/request.ts";
import type { StandardStream } from "../../src/container/spec/process.ts";
import { runContainer } from "../../src/engine/container/run.ts";
import { defineCommand } from "../command.ts";
import { writeCidfile } from "../option/cidfile.ts";
import { refuseContentTrust } from "../option/content-trust.ts";
import { createOptions, parseCreate } from "../option/create.ts";
import { requireTerminal, sigProxyOption } from "../option/terminal.ts";
import { ensureImage } from "./image.ts";

export const command = defineCommand({
  path: "container run",
  usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
  summary: "Create and run a new container from an image",
  options: {
    ...createOptions,
    detach: { type: "boolean", short: "d", describe: "Run container in background and print container ID" },
    "detach-keys": { type: "string", describe: "Override the key sequence for detaching a container" },
    "sig-proxy": sigProxyOption,
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
    const streams = streamsOf(request);
    const cidfile = writeCidfile(context, options.cidfile);
    const result = await runContainer(context.engine(), request, {
      ...(attached ? { client: { ...streams, tty: request.tty && context.stdinIsTTY, passSignals: options["sig-proxy"] ?? true } } : {}),
      onCreated(record) {
        cidfile(record.id);
        // docker: who sees nothing of the container sees its id
        if (attached && streams.mute.length === 2) context.stdout.write(`${record.id}\n`);
      },
    });
    if (!result) return 0;
    if (!attached) context.stdout.write(`${result.record.id}\n`);
    return result.exitCode;
  },
});

/** What the client gives and does not show. */
function streamsOf({ attachStreams, openStdin }: CreateRequest) {
  const shows = (stream: StandardStream) => attachStreams === undefined || attachStreams.includes(stream);
  return { stdin: openStdin && shows("stdin"), mute: (["stdout", "stderr"] as const).filter((stream) => !shows(stream)) };
}
