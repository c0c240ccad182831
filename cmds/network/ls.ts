// tsns network ls: the networks containers can join.
import { shortId } from "../../src/base/id.ts";
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { formatDateTime } from "../../src/base/time.ts";
import { listNetworks, type NetworkEntry } from "../../src/engine/network/list.ts";
import { defineCommand } from "../command.ts";
import { requireFilters } from "../option/filter.ts";
import { listingOptions } from "../option/listing.ts";
import { parseNetworkFilters } from "../option/network-filter.ts";

export const command = defineCommand({
  path: "network ls",
  usage: "[OPTIONS]",
  summary: "List networks",
  options: {
    ...listingOptions,
    filter: {
      type: "list",
      short: "f",
      value: "filter",
      describe: 'Provide filter values: dangling, driver, id, label, name, scope, type ("driver=bridge")',
    },
  },
  arity: [0, 0],
  async run(context, { options }) {
    const matches = parseNetworkFilters(requireFilters("network ls", options.filter));
    const shown = listNetworks(context.engine()).filter(matches);
    context.stdout.write(await renderListing(listing(options["no-trunc"] ?? false), shown, options));
    return 0;
  },
});

function listing(full: boolean): Listing<NetworkEntry> {
  const labels = ({ labels: own }: NetworkEntry) => Object.entries(own).map(([key, value]) => `${key}=${value}`);
  const subnets = ({ record }: NetworkEntry) => (record?.spec.pools ?? []).map(({ subnet }) => subnet);
  return {
    fields: [
      { name: "ID", header: "NETWORK ID", value: ({ id }) => (full ? id : shortId(id)) },
      { name: "Name", header: "NAME", value: ({ name }) => name },
      { name: "Driver", header: "DRIVER", value: ({ driver }) => driver },
      { name: "Scope", header: "SCOPE", value: () => "local" },
      { name: "Subnet", header: "SUBNET", inTable: false, value: (entry) => subnets(entry).join(",") },
      { name: "Internal", header: "INTERNAL", inTable: false, value: ({ internal }) => `${internal}` },
      { name: "IPv4", header: "IPV4", inTable: false, value: ({ ipv4 }) => `${ipv4}` },
      { name: "IPv6", header: "IPV6", inTable: false, value: ({ ipv6 }) => `${ipv6}` },
      { name: "Labels", header: "LABELS", inTable: false, value: (entry) => labels(entry).join(",") },
      { name: "CreatedAt", header: "CREATED AT", inTable: false, value: ({ createdMs }) => (createdMs ? formatDateTime(createdMs) : "") },
    ],
    key: ({ id }) => (full ? id : shortId(id)),
    methods: { Label: (entry, key) => entry.labels[`${key}`] ?? "" },
  };
}
