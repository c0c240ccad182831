// tsns network ls: the networks containers can join.
import { shortId } from "../../src/base/id.ts";
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { listNetworks, type NetworkEntry } from "../../src/engine/network/list.ts";
import { defineCommand } from "../command.ts";
import { listingOptions } from "../option/listing.ts";

export const command = defineCommand({
  path: "network ls",
  usage: "[OPTIONS]",
  summary: "List networks",
  options: listingOptions,
  arity: [0, 0],
  async run(context, { options }) {
    context.stdout.write(await renderListing(listing(options["no-trunc"] ?? false), listNetworks(context.engine()), options));
    return 0;
  },
});

function listing(full: boolean): Listing<NetworkEntry> {
  return {
    fields: [
      { name: "ID", header: "NETWORK ID", value: ({ id }) => (full ? id : shortId(id)) },
      { name: "Name", header: "NAME", value: ({ name }) => name },
      { name: "Driver", header: "DRIVER", value: ({ driver }) => driver },
      { name: "Subnet", header: "SUBNET", value: ({ subnet }) => subnet },
    ],
    key: ({ id, name }) => (id ? shortId(id) : name),
  };
}
