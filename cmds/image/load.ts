// `tsns load`: images out of an archive that docker save (or podman, skopeo, buildah) made.
import { resolve } from "node:path";
import { TsnsError } from "../../src/base/error.ts";
import { loadImages } from "../../src/engine/image/load.ts";
import { defineCommand } from "../command.ts";
import { parsePlatformOption } from "../option/platform.ts";
import { unpackLimitOption } from "../option/unpack-limit.ts";
import { isMoving, openProgress } from "./progress.ts";

export const command = defineCommand({
  path: "image load",
  usage: "[OPTIONS]",
  summary: "Load images from an archive or from standard input",
  options: {
    input: { type: "string", short: "i", value: "string", describe: "Read from this file instead of standard input", completes: "file" },
    platform: { type: "string", value: "string", describe: "Load this platform of an image for several (os/arch[/variant])" },
    quiet: { type: "boolean", short: "q", describe: "Do not show progress" },
    "unpack-limit": unpackLimitOption,
  },
  arity: [0, 0],
  changes: true,
  async run(context, { options }) {
    const file = !options.input || options.input === "-" ? undefined : resolve(context.cwd, options.input);
    const platform = parsePlatformOption(options.platform);
    if (file === undefined && context.stdinIsTTY) {
      throw new TsnsError("invalid", "no-input", "requested load from standard input, which is a terminal", {
        hint: "give --input FILE, or redirect: tsns load < FILE",
      });
    }
    // On a pipe nothing would be told: what docker load says there are the names alone.
    const isQuiet = (options.quiet ?? false) || !isMoving(context.stderr, context.env);
    const loaded = await loadImages(context.engine(), {
      source: file ?? context.readStdin(),
      signal: context.signal,
      unpackLimit: options["unpack-limit"],
      ...(platform ? { platform } : {}),
      onProgress: openProgress(context.stderr, context.env, isQuiet),
    });
    for (const { image, names } of loaded ?? []) {
      for (const name of names) context.stdout.write(`Loaded image: ${name}\n`);
      if (names.length === 0) context.stdout.write(`Loaded image ID: ${image.id}\n`);
    }
    return 0;
  },
});
