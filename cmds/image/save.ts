// `tsns save`: images into an archive that docker, podman and skopeo load.
import { saveImages } from "../../src/engine/image/save.ts";
import { defineCommand } from "../command.ts";
import { ownPlatformOption, parsePlatformOption } from "../option/platform.ts";
import { tarOutput } from "../option/tar-output.ts";

export const command = defineCommand({
  path: "image save",
  usage: "[OPTIONS] IMAGE [IMAGE...]",
  summary: "Save images to an archive or to standard output",
  options: {
    platform: ownPlatformOption,
    output: { type: "string", short: "o", value: "string", describe: "Write to this file instead of standard output", completes: "file" },
    format: {
      type: "string",
      value: "docker|oci",
      choices: ["docker", "oci", "docker-archive", "oci-archive"],
      describe: "Write docker's archive and an OCI layout in one (docker, the default), or an OCI layout alone (oci)",
    },
  },
  arity: [1, Number.POSITIVE_INFINITY],
  changes: true,
  completes: "image",
  async run(context, { options, args }) {
    const output = tarOutput(context, options.output, "save IMAGE");
    await saveImages(context.engine(), {
      images: args,
      platform: parsePlatformOption(options.platform),
      format: options.format?.startsWith("oci") ? "oci" : "docker",
      output,
      write: (bytes) => context.stdout.write(bytes),
      signal: context.signal,
    });
    return 0;
  },
});
