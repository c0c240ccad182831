// `tsns import`: a tar of a root file system becomes an image.
import { basename, resolve } from "node:path";
import { TsnsError } from "../../src/base/error.ts";
import { importImage } from "../../src/engine/image/import.ts";
import { defineCommand } from "../command.ts";
import { changeOption } from "../option/instruction.ts";
import { wantedPlatform } from "../option/platform.ts";
import { unpackLimitOption } from "../option/unpack-limit.ts";

export const command = defineCommand({
  path: "image import",
  usage: "[OPTIONS] FILE|- [REPOSITORY[:TAG]]",
  summary: "Make an image of the tar archive of a root file system",
  options: {
    change: changeOption,
    message: { type: "string", short: "m", value: "string", describe: "Comment kept with the image" },
    platform: { type: "string", value: "string", describe: "What the image is for (os/arch), if not this machine" },
    "unpack-limit": unpackLimitOption,
  },
  arity: [1, 2],
  changes: true,
  completes: "file",
  async run(context, { options, args }) {
    const [file = "-", name] = args;
    if (/^[a-z]+:\/\//.test(file)) {
      throw new TsnsError("unsupported", "import-url", `cannot import from the address ${file}`, {
        hint: `fetch it yourself: curl -fL ${file} | tsns import - ${name ?? "NAME"}`,
      });
    }
    if (file === "") {
      throw new TsnsError("invalid", "no-archive", "the path of the archive is empty", {
        hint: "give the path of an archive, or - for standard input",
      });
    }
    const image = await importImage(context.engine(), {
      source: file === "-" ? context.readStdin() : resolve(context.cwd, file),
      sourceName: file === "-" ? "-" : basename(file),
      signal: context.signal,
      unpackLimit: options["unpack-limit"],
      platform: wantedPlatform(context, options.platform),
      ...(name === undefined ? {} : { name }),
      ...(options.change === undefined ? {} : { changes: options.change }),
      ...(options.message === undefined ? {} : { message: options.message }),
    });
    if (image) context.stdout.write(`${image.id}\n`);
    return 0;
  },
});
