// tsns dns ls: which names there are on which network.
import { shortId } from "../../src/base/id.ts";
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { listNames, type NameRow } from "../../src/engine/name/list.ts";
import { defineCommand } from "../command.ts";
import { listingOptions } from "../option/listing.ts";

export const command = defineCommand({
  path: "dns ls",
  usage: "[OPTIONS] [NETWORK...]",
  summary: "List the names that containers find each other by, per network",
  options: listingOptions,
  arity: [0, Number.POSITIVE_INFINITY],
  completes: "network",
  async run(context, { options, args }) {
    const rows = listNames(context.engine(), args);
    context.stdout.write(await renderListing(listingOf(options["no-trunc"] ?? false), rows, options));
    return 0;
  },
});

function listingOf(isFull: boolean): Listing<NameRow> {
  return {
    fields: [
      { name: "Network", header: "Network", value: ({ network }) => network },
      { name: "Container", header: "Container", value: ({ container }) => container },
      { name: "ID", header: "Container ID", value: ({ containerId }) => (isFull ? containerId : shortId(containerId)), inTable: false },
      { name: "Addresses", header: "Addresses", value: ({ addresses }) => addresses.join(", ") },
      { name: "Names", header: "Names", value: ({ names }) => names.join(", ") },
    ],
    key: ({ network, names, container }) => `${names[0] ?? container}.${network}`,
    record: (row) => row,
  };
}
