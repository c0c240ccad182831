// `tsns image diff`: what one image has that another has not, or has differently.
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { formatSize } from "../../src/base/unit.ts";
import { compareImages, type ImageChange } from "../../src/engine/image/compare.ts";
import { defineCommand } from "../command.ts";
import { listingOptions } from "../option/listing.ts";
import { pathChangeFields } from "../option/path-change.ts";

const sizeText = (change: ImageChange, bytes: number) => (change.type === "file" ? formatSize(bytes) : "-");

const listing: Listing<ImageChange> = {
  key: ({ path }) => path,
  record: (change) => change,
  fields: [
    ...pathChangeFields,
    { name: "Before", header: "Before", value: (change) => (change.kind === "added" ? "-" : sizeText(change, change.beforeBytes)) },
    { name: "Size", header: "Size", value: (change) => (change.kind === "deleted" ? "-" : sizeText(change, change.sizeBytes)) },
    { name: "Differs", header: "Differs in", value: ({ differs }) => differs.join(", ") || "-" },
  ],
};

export const command = defineCommand({
  path: "image diff",
  usage: "[OPTIONS] IMAGE IMAGE",
  summary: "Show what the second image adds to the first, changes and deletes",
  options: { ...listingOptions, times: { type: "boolean", describe: "Also show what differs in nothing but its time" } },
  arity: [2, 2],
  completes: "image",
  async run(context, { options, args: [from = "", to = ""] }) {
    const changes = compareImages(context.engine(), { from, to, withTimes: options.times ?? false });
    context.stdout.write(await renderListing(listing, changes, options));
    return 0;
  },
});
