// `tsns import`: a tar of a root file system becomes an image; from a file, standard input or an address.
import { basename, resolve } from "node:path";
import { TsnsError } from "../../src/base/error.ts";
import { downloadSource } from "../../src/engine/image/download.ts";
import { type ImportRequest, importImage } from "../../src/engine/image/import.ts";
import { type Context, defineCommand } from "../command.ts";
import { changeOption } from "../option/instruction.ts";
import { wantedPlatform } from "../option/platform.ts";
import { unpackLimitOption } from "../option/unpack-limit.ts";

export const command = defineCommand({
  path: "image import",
  usage: "[OPTIONS] FILE|URL|- [REPOSITORY[:TAG]]",
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
    const url = parseAddress(file);
    if (file === "") {
      throw new TsnsError("invalid", "no-archive", "the path of the archive is empty", {
        hint: "give the path of an archive, or - for standard input",
      });
    }
    const onStart = (shown: string) => void context.stdout.write(`Downloading from ${shown}\n`);
    const image = await importImage(context.engine(), {
      ...(url ? downloadSource(url, { env: context.env, signal: context.signal, onStart }) : sourceOf(context, file)),
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

function sourceOf(context: Context, file: string): Pick<ImportRequest, "source" | "sourceName"> {
  if (file === "-") return { source: context.readStdin(), sourceName: "-" };
  return { source: resolve(context.cwd, file), sourceName: basename(file) };
}

/** Undefined for what is a file's name. */
function parseAddress(text: string): URL | undefined {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw new TsnsError("unsupported", "import-url", `cannot import from the address ${text}`, {
    hint: "give an http:// or https:// address, or the path of a file",
  });
}
