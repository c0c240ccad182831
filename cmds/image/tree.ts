// `tsns image tree`: which images are made on top of which, by their layers.
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { formatSize } from "../../src/base/unit.ts";
import { type FamilyRow, readFamily } from "../../src/engine/image/family.ts";
import { defineCommand } from "../command.ts";
import { shortenId } from "../option/instruction.ts";
import { listingOptions } from "../option/listing.ts";

const labelOf = ({ id, names, ownLayers }: FamilyRow): string => {
  if (id === "") return `(${ownLayers === 1 ? "a layer" : `${ownLayers} layers`} in common)`;
  return names.join(", ") || "<none>";
};

const listingOf = (isFull: boolean): Listing<FamilyRow> => ({
  key: ({ id }) => id,
  record: ({ branch: _, ...row }) => row,
  fields: [
    { name: "Image", header: "Image", value: (row) => `${row.branch}${labelOf(row)}` },
    { name: "ID", header: "Image id", value: ({ id }) => (isFull ? id : shortenId(id)) || "-" },
    {
      name: "Layers",
      header: "Layers",
      value: ({ layers, ownLayers, depth }) => (depth === 0 ? String(layers) : `${layers} (+${ownLayers})`),
    },
    { name: "Own", header: "Own", value: ({ ownBytes }) => formatSize(ownBytes) },
    { name: "Size", header: "Size", value: ({ sizeBytes }) => formatSize(sizeBytes) },
    { name: "Depth", header: "Depth", value: ({ depth }) => String(depth), inTable: false },
  ],
});

export const command = defineCommand({
  path: "image tree",
  usage: "[OPTIONS]",
  summary: "Show which images stand on the layers of which",
  options: listingOptions,
  arity: [0, 0],
  async run(context, { options }) {
    const rows = readFamily(context.engine());
    const shown = options.quiet ? rows.filter(({ id }) => id !== "") : rows;
    context.stdout.write(await renderListing(listingOf(options["no-trunc"] ?? false), shown, options));
    return 0;
  },
});
