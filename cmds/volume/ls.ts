// tsns volume ls: the volumes of this data root.
import { TsnsError } from "../../src/base/error.ts";
import type { Listing } from "../../src/base/listing.ts";
import { renderListing } from "../../src/base/listing.ts";
import { listVolumes, type VolumeEntry } from "../../src/engine/volume/list.ts";
import { hasLabel } from "../../src/image/filter.ts";
import { defineCommand } from "../command.ts";
import { requireFilters } from "../option/filter.ts";
import { listingOptions } from "../option/listing.ts";
import { usageError } from "../usage-error.ts";

export const command = defineCommand({
  path: "volume ls",
  usage: "[OPTIONS]",
  summary: "List volumes",
  options: {
    format: listingOptions.format,
    json: listingOptions.json,
    quiet: { type: "boolean", short: "q", describe: "Only display volume names" },
    filter: {
      type: "list",
      short: "f",
      value: "filter",
      describe: 'Provide filter values: dangling, driver, label, name ("dangling=true")',
    },
    cluster: { type: "boolean", hidden: true, describe: "Not supported" },
  },
  arity: [0, 0],
  async run(context, { options }) {
    if (options.cluster) throw usageError("volume ls", ["--cluster shows volumes of a swarm: this node is not a swarm manager"], 1);
    const matches = parseFilters(requireFilters("volume ls", options.filter));
    context.stdout.write(await renderListing(listing, listVolumes(context.engine()).filter(matches), options));
    return 0;
  },
});

type Test = (entry: VolumeEntry) => boolean;

/** A value to its test; undefined for one that cannot be. */
const tests: Readonly<Record<string, (value: string) => Test | undefined>> = {
  dangling: (value) => (/^(1|t|true|0|f|false)$/i.test(value) ? ({ links }) => (links === 0) === /^(1|t)/i.test(value) : undefined),
  driver:
    (value) =>
    ({ record }) =>
      record.driver === value,
  label:
    (value) =>
    ({ record }) =>
      hasLabel(record.labels, value),
  name(value) {
    try {
      const expression = new RegExp(value);
      return ({ record }) => record.name.includes(value) || expression.test(record.name);
    } catch {
      return ({ record }) => record.name.includes(value);
    }
  },
};

/** As docker: values of one key are alternatives, labels and different keys must all hold. */
function parseFilters(filters: readonly string[]): Test {
  const groups = new Map<string, Test[]>();
  for (const filter of filters) {
    const at = filter.indexOf("=");
    const [key, value] = [filter.slice(0, at), filter.slice(at + 1)];
    const test = Object.hasOwn(tests, key) ? tests[key]?.(value) : undefined;
    if (!test)
      throw new TsnsError("invalid", "bad-filter", `invalid filter '${Object.hasOwn(tests, key) ? `${key}=[${value}]` : key}'`, {
        hint: Object.hasOwn(tests, key) ? `${key} is true or false` : `write KEY=VALUE with ${Object.keys(tests).join(", ")}`,
      });
    groups.set(key, [...(groups.get(key) ?? []), test]);
  }
  return (entry) =>
    [...groups].every(([key, list]) => (key === "label" ? list.every((test) => test(entry)) : list.some((test) => test(entry))));
}

/** docker tells sizes and links in `system df` alone. */
const unknown = () => "N/A";

const listing: Listing<VolumeEntry> = {
  fields: [
    { name: "Driver", header: "DRIVER", value: ({ record }) => record.driver },
    { name: "Name", header: "VOLUME NAME", value: ({ record }) => record.name },
    { name: "Scope", header: "SCOPE", inTable: false, value: () => "local" },
    { name: "Mountpoint", header: "MOUNTPOINT", inTable: false, value: ({ mountpoint }) => mountpoint },
    {
      name: "Labels",
      header: "LABELS",
      inTable: false,
      value: ({ record }) =>
        Object.entries(record.labels)
          .map(([key, value]) => `${key}=${value}`)
          .join(","),
    },
    { name: "Links", header: "LINKS", inTable: false, value: unknown },
    { name: "Size", header: "SIZE", inTable: false, value: unknown },
    { name: "Availability", header: "AVAILABILITY", inTable: false, value: unknown },
    { name: "Group", header: "GROUP", inTable: false, value: unknown },
    { name: "Status", header: "STATUS", inTable: false, value: unknown },
  ],
  key: ({ record }) => record.name,
  methods: { Label: ({ record }, key) => record.labels[`${key}`] ?? "" },
};
