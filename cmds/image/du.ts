// `tsns image du`: what an image's layers take, what of it other images have too, what is shipped and never seen.
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { renderJson } from "../../src/base/text.ts";
import { formatSize, parseInteger } from "../../src/base/unit.ts";
import { type HiddenFile, type LayerUse, measureImage } from "../../src/engine/image/usage.ts";
import { defineCommand } from "../command.ts";
import { shorten, shortenId } from "../option/instruction.ts";
import { listingOptions } from "../option/listing.ts";

const sharers = (names: readonly string[], isFull: boolean): string => {
  if (names.length === 0) return "-";
  return isFull || names.length === 1 ? names.join(", ") : `${names[0]} and ${names.length - 1} more`;
};

const layerListing = (isFull: boolean): Listing<LayerUse> => ({
  key: ({ diffId }) => diffId,
  record: (layer) => layer,
  fields: [
    { name: "Layer", header: "Layer", value: ({ layer }) => String(layer) },
    { name: "ID", header: "Layer id", value: ({ diffId }) => (isFull ? diffId : shortenId(diffId)) },
    { name: "Size", header: "Size", value: ({ sizeBytes }) => formatSize(sizeBytes) },
    { name: "Hidden", header: "Hidden later", value: ({ hiddenBytes }) => formatSize(hiddenBytes) },
    { name: "SharedWith", header: "Shared with", value: ({ sharedWith }) => sharers(sharedWith, isFull) },
    { name: "CreatedBy", header: "Created by", value: ({ createdBy }) => (isFull ? createdBy : shorten(createdBy)) || "-" },
  ],
});

const words = { deleted: "deleted", replaced: "replaced", opaque: "directory made anew" } as const;

const fileListing = (isFull: boolean): Listing<HiddenFile> => ({
  key: ({ path }) => path,
  record: (file) => file,
  fields: [
    { name: "Path", header: "Path", value: ({ path }) => path },
    { name: "Size", header: "Size", value: ({ sizeBytes }) => formatSize(sizeBytes) },
    { name: "Layer", header: "Layer", value: ({ layer }) => String(layer) },
    { name: "How", header: "Later", value: ({ how, hiddenBy }) => `${words[how]} in layer ${hiddenBy}` },
    { name: "CreatedBy", header: "Created by", value: ({ createdBy }) => (isFull ? createdBy : shorten(createdBy)) || "-" },
  ],
});

export const command = defineCommand({
  path: "image du",
  usage: "[OPTIONS] IMAGE",
  summary: "Show what an image's layers take, share with other images, and ship without it ever being seen",
  options: {
    ...listingOptions,
    files: { type: "boolean", describe: "List the files that later layers delete or replace, largest first" },
    limit: { type: "string", short: "n", value: "int", describe: "Show at most this many files (default 20; 0: all)" },
  },
  arity: [1, 1],
  completes: "image",
  async run(context, { options, args: [name = ""] }) {
    const limit = parseInteger(options.limit ?? "20", "--limit", 0);
    const usage = measureImage(context.engine(), name);
    const hidden = limit === 0 ? usage.hidden : usage.hidden.slice(0, limit);
    const isFull = options["no-trunc"] ?? false;
    if (options.json) {
      context.stdout.write(`${renderJson({ ...usage, hidden }, 2)}\n`);
      return 0;
    }
    const text = options.files
      ? await renderListing(fileListing(isFull), hidden, options)
      : await renderListing(layerListing(isFull), usage.layers, options);
    context.stdout.write(text);
    if (options.format !== undefined || options.quiet) return 0;
    const { sizeBytes, sharedBytes, uniqueBytes, hiddenBytes } = usage;
    const total = `${formatSize(sizeBytes)}: ${formatSize(sharedBytes)} shared with other images, ${formatSize(uniqueBytes)} its own`;
    context.stdout.write(`${total}; ${formatSize(hiddenBytes)} shipped but deleted or replaced later\n`);
    return 0;
  },
});
