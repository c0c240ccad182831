// tsns create: records a container without starting it.
import { createContainer } from "../../src/engine/container/create.ts";
import { defineCommand } from "../command.ts";
import { writeCidfile } from "../option/cidfile.ts";
import { refuseContentTrust } from "../option/content-trust.ts";
import { createOptions, parseCreate } from "../option/create.ts";
import { withoutRunCode } from "../option/run-code.ts";
import { ensureImage } from "./image.ts";

export const command = defineCommand({
  path: "container create",
  usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
  summary: "Create a new container",
  options: createOptions,
  arity: [1, Number.POSITIVE_INFINITY],
  interspersed: false,
  changes: true,
  completes: "image",
  failureExitCode: 1,
  async run(context, { options, args }) {
    const request = parseCreate(context, options, args, true);
    refuseContentTrust(context, options["disable-content-trust"], request.image);
    const { image, platform } = request;
    try {
      await ensureImage(context, { image, platform, policy: options.pull, isQuiet: options.quiet ?? false });
      const cidfile = writeCidfile(context, options.cidfile);
      const record = await createContainer(context.engine(), request);
      cidfile(record.id);
      context.stdout.write(`${record.id}\n`);
    } catch (error) {
      throw withoutRunCode(error);
    }
    return 0;
  },
});
