// tsns network ls: the networks containers can join.
import { shortId } from "../../src/base/id.ts";
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { defaultNetwork } from "../../src/network/name.ts";
import { listNetworks } from "../../src/store/network-record.ts";
import { defineCommand } from "../command.ts";
import { listingOptions } from "../option/listing.ts";

interface NetworkRow {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly subnet: string;
}

export const command = defineCommand({
  path: "network ls",
  usage: "[OPTIONS]",
  summary: "List networks",
  options: listingOptions,
  arity: [0, 0],
  run(context, { options }) {
    const rows: NetworkRow[] = listNetworks(context.engine().store).map(({ id, spec }) => ({
      id,
      name: spec.name,
      driver: "bridge",
      subnet: spec.subnet,
    }));
    if (!rows.some((row) => row.name === defaultNetwork)) rows.push({ id: "", name: defaultNetwork, driver: "bridge", subnet: "" });
    for (const name of ["host", "none"]) rows.push({ id: "", name, driver: name === "none" ? "null" : name, subnet: "" });
    context.stdout.write(renderListing(listing(options["no-trunc"] ?? false), rows, options));
    return 0;
  },
});

function listing(full: boolean): Listing<NetworkRow> {
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
