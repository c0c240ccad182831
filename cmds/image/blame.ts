// `tsns image blame`: the layer and instruction a file of an image comes from, and what replaced or deleted it.
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { formatTimestamp } from "../../src/base/time.ts";
import { formatSize } from "../../src/base/unit.ts";
import { type BlameRow, blameImage } from "../../src/engine/image/blame.ts";
import { defineCommand } from "../command.ts";
import { shorten, shortenId } from "../option/instruction.ts";
import { listingOptions } from "../option/listing.ts";

const howWords = { deleted: "deleted", opaque: "hidden by an opaque directory", replaced: "replaced" } as const;

const describeRole = ({ role, hiddenBy, layers }: BlameRow): string =>
  hiddenBy ? `${howWords[hiddenBy.how]} in layer ${layers - hiddenBy.layer + 1}` : role;

/** Layers count from the lowest, as the history is made. */
const listingOf = (isFull: boolean): Listing<BlameRow> => ({
  key: ({ name }) => name,
  record: ({ layer, hiddenBy, ...row }) => ({
    ...row,
    layer: row.layers - layer + 1,
    ...(hiddenBy ? { hiddenBy: { ...hiddenBy, layer: row.layers - hiddenBy.layer + 1 } } : {}),
  }),
  fields: [
    { name: "Layer", header: "Layer", value: ({ layer, layers }) => `${layers - layer + 1}/${layers}` },
    { name: "Role", header: "Role", value: describeRole },
    { name: "Type", header: "Type", value: ({ type }) => type },
    { name: "Size", header: "Size", value: ({ sizeBytes, type }) => (type === "file" ? formatSize(sizeBytes) : "-") },
    { name: "ID", header: "Layer id", value: ({ name }) => (isFull ? name : shortenId(name)) },
    { name: "CreatedBy", header: "Created by", value: ({ createdBy }) => (isFull ? createdBy : shorten(createdBy)) || "-" },
    {
      name: "CreatedAt",
      header: "Created at",
      value: ({ createdMs }) => (createdMs === 0 ? "" : formatTimestamp(createdMs)),
      inTable: false,
    },
    { name: "Path", header: "Path", value: ({ path }) => path, inTable: false },
    { name: "Directory", header: "Directory", value: ({ directory }) => directory, inTable: false },
    { name: "Notes", header: "Notes", value: ({ notes }) => notes.join(", "), inTable: false },
  ],
});

export const command = defineCommand({
  path: "image blame",
  usage: "[OPTIONS] IMAGE PATH",
  summary: "Show the layer and instruction a file of an image comes from, and all that replaced or deleted it",
  options: listingOptions,
  arity: [2, 2],
  completes: "image",
  async run(context, { options, args: [name = "", path = ""] }) {
    const rows = blameImage(context.engine(), name, path.startsWith("/") ? path : `/${path}`);
    context.stdout.write(await renderListing(listingOf(options["no-trunc"] ?? false), rows, options));
    return 0;
  },
});
