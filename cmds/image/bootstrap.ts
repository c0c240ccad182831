// `tsns image bootstrap`: a Debian root file system, fresh from a package mirror, as an image.
import { bootstrapImage } from "../../src/engine/image/bootstrap.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  path: "image bootstrap",
  usage: "[OPTIONS] NAME[:TAG]",
  summary: "Make an image of a Debian release from a package mirror",
  options: {
    include: { type: "list", value: "packages", describe: "Packages to add, separated by commas" },
    mirror: { type: "string", value: "url", describe: "Package archive (default: this machine's own apt sources)" },
    quiet: { type: "boolean", short: "q", describe: "Do not show progress" },
    suite: { type: "string", short: "s", value: "release", describe: "Release, such as bookworm (default: this machine's own)" },
    variant: { type: "string", choices: ["minbase", "buildd", "standard"], default: "minbase", describe: "How much to install" },
  },
  arity: [1, 1],
  changes: true,
  async run(context, { options, args }) {
    const [name = ""] = args;
    const variant = options.variant === "buildd" || options.variant === "standard" ? options.variant : "minbase";
    const image = await bootstrapImage(context.engine(), {
      name,
      include: options.include ?? [],
      variant,
      env: context.env,
      onProgress: (text) => void (options.quiet || context.stderr.write(text)),
      signal: context.signal,
      ...(options.suite === undefined ? {} : { suite: options.suite }),
      ...(options.mirror === undefined ? {} : { mirror: options.mirror }),
    });
    if (image) context.stdout.write(`${image.id}\n`);
    return 0;
  },
});
