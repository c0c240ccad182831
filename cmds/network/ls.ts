// tsns network ls: the networks containers can join.
import { TsnsError } from "../../src/base/error.ts";
import { shortId } from "../../src/base/id.ts";
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { formatDateTime } from "../../src/base/time.ts";
import { listNetworks, type NetworkEntry } from "../../src/engine/network/list.ts";
import { defineCommand } from "../command.ts";
import { requireFilters } from "../option/filter.ts";
import { listingOptions } from "../option/listing.ts";

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
      describe: 'Provide filter values: id, name, driver, label, type ("driver=bridge")',
    },
  },
  arity: [0, 0],
  async run(context, { options }) {
    const matches = parseFilters(requireFilters("network ls", options.filter));
    const shown = listNetworks(context.engine()).filter(matches);
    context.stdout.write(await renderListing(listing(options["no-trunc"] ?? false), shown, options));
    return 0;
  },
});

type Test = (entry: NetworkEntry, value: string) => boolean;

const builtIn = ["bridge", "host", "none"];

const tests: Readonly<Record<string, Test>> = {
  id: (entry, value) => entry.id.startsWith(value),
  name: (entry, value) => entry.name.includes(value),
  driver: (entry, value) => entry.driver === value,
  type: (entry, value) => builtIn.includes(entry.name) === (value === "builtin"),
  label(entry, value) {
    const [key = "", ...rest] = value.split("=");
    return Object.hasOwn(entry.labels, key) && (rest.length === 0 || entry.labels[key] === rest.join("="));
  },
};

/** As docker: values of one key are alternatives, labels and different keys must all hold. */
function parseFilters(filters: readonly string[]): (entry: NetworkEntry) => boolean {
  const parsed = filters.map((filter) => {
    const at = filter.indexOf("=");
    const [key, value] = [filter.slice(0, Math.max(at, 0)), filter.slice(at + 1)];
    const test = Object.hasOwn(tests, key) ? tests[key] : undefined;
    if (!test || (key === "type" && value !== "builtin" && value !== "custom")) {
      throw new TsnsError("invalid", "bad-filter", `invalid filter '${filter}'`, {
        hint: test ? "type is builtin or custom" : `write KEY=VALUE with ${Object.keys(tests).join(", ")}`,
      });
    }
    return { key, holds: (entry: NetworkEntry) => test(entry, value) };
  });
  const keys = [...new Set(parsed.map(({ key }) => key))];
  return (entry) =>
    keys.every((key) => {
      const own = parsed.filter((filter) => filter.key === key);
      return key === "label" ? own.every(({ holds }) => holds(entry)) : own.some(({ holds }) => holds(entry));
    });
}

function listing(full: boolean): Listing<NetworkEntry> {
  const labels = ({ labels: own }: NetworkEntry) => Object.entries(own).map(([key, value]) => `${key}=${value}`);
  return {
    fields: [
      { name: "ID", header: "NETWORK ID", value: ({ id }) => (full ? id : shortId(id)) },
      { name: "Name", header: "NAME", value: ({ name }) => name },
      { name: "Driver", header: "DRIVER", value: ({ driver }) => driver },
      { name: "Scope", header: "SCOPE", value: () => "local" },
      { name: "Subnet", header: "SUBNET", value: ({ subnet }) => subnet },
      { name: "Internal", header: "INTERNAL", inTable: false, value: ({ internal }) => `${internal}` },
      { name: "IPv4", header: "IPV4", inTable: false, value: () => "true" },
      { name: "IPv6", header: "IPV6", inTable: false, value: () => "false" },
      { name: "Labels", header: "LABELS", inTable: false, value: (entry) => labels(entry).join(",") },
      { name: "CreatedAt", header: "CREATED AT", inTable: false, value: ({ createdMs }) => (createdMs ? formatDateTime(createdMs) : "") },
    ],
    key: ({ id, name }) => (id ? (full ? id : shortId(id)) : name),
    methods: { Label: (entry, key) => entry.labels[`${key}`] ?? "" },
  };
}
