// `tsns images`: the images there are, one line for each name.
import { shortId } from "../../src/base/id.ts";
import { type Field, type Listing, renderListing } from "../../src/base/listing.ts";
import { formatAgo, formatDateTime } from "../../src/base/time.ts";
import { formatSize } from "../../src/base/unit.ts";
import { type ImageRow, listImageRows } from "../../src/engine/image/list.ts";
import { hostImage } from "../../src/image/host.ts";
import { defineCommand } from "../command.ts";
import { requireFilters } from "../option/filter.ts";
import { listingOptions } from "../option/listing.ts";
import { usageError } from "../usage-error.ts";

export const command = defineCommand({
  path: "image ls",
  usage: "[OPTIONS] [REPOSITORY[:TAG]]",
  summary: "List images",
  options: {
    ...listingOptions,
    all: { type: "boolean", short: "a", describe: "Show all images (default hides images without name that others were made from)" },
    digests: { type: "boolean", describe: "Show digests" },
    filter: {
      type: "list",
      short: "f",
      value: "filter",
      describe: "Show only what fits: reference, dangling, label, before, since, until",
    },
    tree: { type: "boolean", describe: "Show each image once, with what it and its platform take" },
  },
  arity: [0, 1],
  completes: "image",
  async run(context, { options, args }) {
    const [pattern] = args;
    if (options.tree) {
      refuseWithTree(options);
      const { listImageTree } = await import("../../src/engine/image/list-tree.ts");
      const { renderImageTree } = await import("./ls-tree.ts");
      const filters = requireFilters("images", options.filter);
      context.stdout.write(renderImageTree(listImageTree(context.engine(), { pattern, filters, all: options.all })));
      return 0;
    }
    const rows = listImageRows(context.engine(), {
      pattern,
      filters: requireFilters("images", options.filter),
      all: options.all,
      digests: options.digests || /\.Digest\b/.test(options.format ?? ""),
    });
    const listing = listingOf(Date.now(), { isFull: options["no-trunc"] ?? false, digests: options.digests ?? false });
    context.stdout.write(await renderListing(listing, rows, options));
    return 0;
  },
});

/** In docker's words. */
function refuseWithTree(options: Readonly<Record<string, unknown>>): void {
  const other = ["quiet", "no-trunc", "digests", "format", "json"].find((name) => options[name] !== undefined && options[name] !== false);
  if (other !== undefined) throw usageError("image ls", [`--${other} is not yet supported with --tree`]);
}

function listingOf(nowMs: number, { isFull, digests }: { isFull: boolean; digests: boolean }): Listing<ImageRow> {
  const id = ({ image }: ImageRow) => (isFull ? image.id : shortId(image.id));
  // the host image was never made
  const moment = ({ image }: ImageRow, render: (ms: number) => string) => (image.id === hostImage.id ? "N/A" : render(image.createdMs));
  const fields: readonly Field<ImageRow>[] = [
    { name: "Repository", header: "Repository", value: (row) => row.repository },
    { name: "Tag", header: "Tag", value: (row) => row.tag },
    { name: "Digest", header: "Digest", value: (row) => row.digest, inTable: digests },
    { name: "ID", header: "Image ID", value: id },
    { name: "CreatedSince", header: "Created", value: (row) => moment(row, (ms) => formatAgo(ms, nowMs)) },
    { name: "CreatedAt", header: "Created at", value: (row) => moment(row, formatDateTime), inTable: false },
    { name: "Size", header: "Size", value: ({ image }) => formatSize(image.sizeBytes) },
    // Docker's list has these names without values; `system df -v` has the values.
    { name: "Containers", header: "Containers", value: () => "N/A", inTable: false },
    { name: "SharedSize", header: "Shared size", value: () => "N/A", inTable: false },
    { name: "UniqueSize", header: "Unique size", value: () => "N/A", inTable: false },
    { name: "VirtualSize", header: "Size", value: ({ image }) => formatSize(image.sizeBytes, 4), inTable: false },
  ];
  return { fields, key: id };
}
