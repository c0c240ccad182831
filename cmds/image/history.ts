// `tsns history`: the steps an image was made by.
import { type Field, type Listing, renderListing } from "../../src/base/listing.ts";
import { formatAgo, formatTimestamp } from "../../src/base/time.ts";
import { formatSize } from "../../src/base/unit.ts";
import { type HistoryRow, imageHistory } from "../../src/engine/image/history.ts";
import { defineCommand } from "../command.ts";
import { listingOptions } from "../option/listing.ts";
import { ownPlatformOption, parsePlatformOption } from "../option/platform.ts";

export const command = defineCommand({
  path: "image history",
  usage: "[OPTIONS] IMAGE",
  summary: "Show the history of an image",
  options: {
    ...listingOptions,
    platform: ownPlatformOption,
    human: { type: "boolean", short: "H", default: true, describe: "Print sizes and dates for people" },
  },
  arity: [1, 1],
  completes: "image",
  async run(context, { options, args: [name = ""] }) {
    const rows = imageHistory(context.engine(), name, parsePlatformOption(options.platform));
    const listing = listingOf(Date.now(), { isFull: options["no-trunc"] ?? false, isHuman: options.human ?? true });
    context.stdout.write(await renderListing(listing, rows, options));
    return 0;
  },
});

/** docker shows 45 characters of a command. */
const commandLength = 45;

function listingOf(nowMs: number, { isFull, isHuman }: { readonly isFull: boolean; readonly isHuman: boolean }): Listing<HistoryRow> {
  const id = (row: HistoryRow) => (isFull ? row.id : row.id.replace(/^sha256:/, "").slice(0, 12));
  const since = ({ createdMs }: HistoryRow) => (createdMs === 0 ? "N/A" : formatAgo(createdMs, nowMs));
  const at = ({ createdMs }: HistoryRow) => (createdMs === 0 ? "" : formatTimestamp(createdMs).replace(/\.\d+Z$/, "Z"));
  const createdBy = (row: HistoryRow) => {
    const text = row.createdBy.replaceAll("\t", " ");
    return isFull || text.length <= commandLength ? text : `${text.slice(0, commandLength - 1)}…`;
  };
  const fields: readonly Field<HistoryRow>[] = [
    { name: "ID", header: "Image", value: id },
    { name: "CreatedSince", header: "Created", value: isHuman ? since : at },
    { name: "CreatedAt", header: "Created at", value: at, inTable: false },
    { name: "CreatedBy", header: "Created by", value: createdBy },
    { name: "Size", header: "Size", value: ({ sizeBytes }) => (isHuman ? formatSize(sizeBytes) : String(sizeBytes)) },
    { name: "Comment", header: "Comment", value: (row) => row.comment },
  ];
  return { fields, key: id };
}
