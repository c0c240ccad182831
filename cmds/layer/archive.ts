// `tsns layer commit` and `tsns layer apply`: from an upper directory to a layer tar and back.
import { resolve } from "node:path";
import { parseInteger } from "../../src/base/unit.ts";
import { applyLayer, commitLayer } from "../../src/engine/layer/archive.ts";
import { type Context, defineCommand } from "../command.ts";
import { lowerOption, lowerPaths } from "../option/layer.ts";
import { tarOutput } from "../option/tar-output.ts";
import { unpackLimitOption } from "../option/unpack-limit.ts";
import { printWarnings } from "../warning.ts";

/** Seconds of --source-date-epoch or $SOURCE_DATE_EPOCH. */
function epochOf(context: Context, given: string | undefined): number | undefined {
  const text = given ?? context.env.SOURCE_DATE_EPOCH;
  return text === undefined || text === "" ? undefined : parseInteger(text, "--source-date-epoch", 0);
}

export const commit = defineCommand({
  path: "layer commit",
  usage: "[OPTIONS] UPPER|TARGET|CONTAINER",
  summary: "Write the changes of an overlay or container as a layer tar, the same bytes for the same tree",
  options: {
    lower: lowerOption,
    output: { type: "string", short: "o", value: "file", describe: "File to write (default: standard output)", completes: "file" },
    "source-date-epoch": {
      type: "string",
      value: "seconds",
      describe: "Set later times to this one and leave out fractions of seconds (or $SOURCE_DATE_EPOCH)",
    },
  },
  arity: [1, 1],
  changes: true,
  completes: "container",
  run(context, { options, args: [reference = ""] }) {
    const archive = tarOutput(context, options.output, "layer commit CONTAINER");
    const epoch = epochOf(context, options["source-date-epoch"]);
    const packed = commitLayer(context.engine(), {
      reference,
      cwd: context.cwd,
      lower: lowerPaths(context, options.lower),
      archive,
      ...(epoch === undefined ? {} : { sourceDateEpoch: epoch }),
      again: (id) => ["layer", "commit", "--output", archive, ...(epoch === undefined ? [] : ["--source-date-epoch", String(epoch)]), id],
      write: (bytes) => context.stdout.write(bytes),
    });
    if (!packed) return 0;
    printWarnings(context, packed.warnings);
    if (archive !== "-") context.stdout.write(`${packed.diffId}\n`);
    return 0;
  },
});

export const apply = defineCommand({
  path: "layer apply",
  usage: "[OPTIONS] TAR|- DIRECTORY",
  summary: "Extract a layer tar, compressed or not, into a directory and never outside it",
  options: {
    delete: { type: "boolean", describe: "Remove what the layer deletes, instead of making overlay's whiteouts" },
    "unpack-limit": unpackLimitOption,
  },
  arity: [2, 2],
  changes: true,
  completes: "file",
  async run(context, { options, args: [tar = "", directory = ""] }) {
    const applied = await applyLayer(context.engine(), {
      archive: tar === "-" ? "-" : resolve(context.cwd, tar),
      directory: resolve(context.cwd, directory),
      delete: options.delete ?? false,
      unpackLimit: options["unpack-limit"],
      readStdin: () => context.readStdin(),
      signal: context.signal,
    });
    if (!applied) return 0;
    printWarnings(context, applied.warnings);
    context.stdout.write(`${applied.diffId}\n`);
    return 0;
  },
});
