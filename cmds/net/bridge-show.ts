// `tsns net bridge show|showmacs|showstp`: brctl's tables to the byte, and the same as JSON or by a template.
import { type Field, type Listing, renderListing } from "../../src/base/listing.ts";
import { listBridges, listMacs } from "../../src/engine/network/bridge.ts";
import type { BridgePorts, ForwardingEntry, Link } from "../../src/network/link-state.ts";
import { defineCommand } from "../command.ts";
import { listingOptions } from "../option/listing.ts";
import { namespaceOptions } from "../option/namespace.ts";
import { usageError } from "../usage-error.ts";
import { renderBrctl, renderMacs, renderStp, sortedEntries } from "./bridge-table.ts";

const options = { ...namespaceOptions, format: listingOptions.format, json: listingOptions.json } as const;

interface Choice {
  readonly json?: boolean | undefined;
  readonly format?: string | undefined;
}

/** brctl's table, unless another form is asked for. */
async function render<Row>(listing: Listing<Row>, rows: readonly Row[], choice: Choice, table: () => string): Promise<string> {
  return choice.json || choice.format !== undefined ? await renderListing(listing, rows, choice) : table();
}

const yesNo = (value: boolean | undefined) => (value ? "yes" : "no");
const seconds = (centiseconds: number | undefined) => ((centiseconds ?? 0) / 100).toFixed(2);

const bridgeFields: readonly Field<BridgePorts>[] = [
  { name: "Name", header: "BRIDGE", value: ({ bridge }) => bridge.name },
  { name: "ID", header: "BRIDGE ID", value: ({ bridge }) => bridge.bridge?.id ?? "" },
  { name: "STP", header: "STP", value: ({ bridge }) => yesNo(bridge.bridge?.stp) },
  { name: "Interfaces", header: "INTERFACES", value: ({ ports }) => ports.map(({ name }) => name).join(",") },
];

const bridgeListing: Listing<BridgePorts> = {
  fields: bridgeFields,
  key: ({ bridge }) => bridge.name,
  record: ({ bridge, ports }) => ({
    name: bridge.name,
    id: bridge.bridge?.id,
    stp: bridge.bridge?.stp,
    interfaces: ports.map(({ name }) => name),
  }),
};

export const show = defineCommand({
  path: "net bridge show",
  usage: "[OPTIONS] [BRIDGE...]",
  summary: "Show bridges and their ports, as brctl does",
  options: { ...options, brctl: { type: "boolean", describe: "Print the columns of brctl show, as without options" } },
  arity: [0, Number.POSITIVE_INFINITY],
  completes: "bridge",
  async run(context, { options, args }) {
    if (options.brctl && (options.json || options.format !== undefined))
      throw usageError("net bridge show", ["--brctl prints brctl's columns: leave out --json and --format"], 2);
    const bridges = listBridges(context.engine(), args, options.in);
    context.stdout.write(await render(bridgeListing, bridges, options, () => renderBrctl(bridges)));
    return 0;
  },
});

interface MacRow {
  readonly entry: ForwardingEntry;
  readonly port: Link | undefined;
}

const macListing: Listing<MacRow> = {
  fields: [
    { name: "Port", header: "PORT", value: ({ port }) => port?.name ?? "" },
    { name: "Number", header: "NUMBER", value: ({ port }) => `${port?.port?.number ?? ""}` },
    { name: "MAC", header: "MAC", value: ({ entry }) => entry.mac },
    { name: "Local", header: "LOCAL", value: ({ entry }) => yesNo(entry.local) },
    { name: "Age", header: "AGE", value: ({ entry }) => seconds(entry.fixed ? 0 : entry.ageCentiseconds) },
    { name: "VLAN", header: "VLAN", value: ({ entry }) => `${entry.vlan ?? ""}` },
  ],
  key: ({ entry }) => entry.mac,
  record: ({ entry, port }) => ({
    port: port?.name,
    number: port?.port?.number,
    mac: entry.mac,
    local: entry.local,
    ageSeconds: entry.fixed ? 0 : entry.ageCentiseconds / 100,
    ...(entry.vlan === undefined ? {} : { vlan: entry.vlan }),
  }),
};

export const showmacs = defineCommand({
  path: "net bridge showmacs",
  usage: "[OPTIONS] BRIDGE",
  summary: "Show the hardware addresses a bridge has learnt, and their ages",
  options,
  arity: [1, 1],
  completes: "bridge",
  async run(context, { options, args }) {
    const { ports, entries } = listMacs(context.engine(), args[0] ?? "", options.in);
    const portOf = new Map(ports.map((port) => [port.index, port]));
    const rows = sortedEntries(entries).map((entry) => ({ entry, port: portOf.get(entry.linkIndex) }));
    context.stdout.write(await render(macListing, rows, options, () => renderMacs(ports, entries)));
    return 0;
  },
});

const portRecord = ({ name, up, port }: Link) => ({ name, up, ...port });

const stpListing: Listing<BridgePorts> = {
  fields: [
    ...bridgeFields,
    { name: "Root", header: "ROOT", value: ({ bridge }) => bridge.bridge?.rootId ?? "" },
    { name: "RootPort", header: "ROOT PORT", value: ({ bridge }) => `${bridge.bridge?.rootPort ?? ""}` },
    { name: "PathCost", header: "PATH COST", value: ({ bridge }) => `${bridge.bridge?.rootPathCost ?? ""}` },
    { name: "MaxAge", header: "MAX AGE", value: ({ bridge }) => seconds(bridge.bridge?.maxAgeCentiseconds) },
    { name: "HelloTime", header: "HELLO TIME", value: ({ bridge }) => seconds(bridge.bridge?.helloTimeCentiseconds) },
    { name: "ForwardDelay", header: "FORWARD DELAY", value: ({ bridge }) => seconds(bridge.bridge?.forwardDelayCentiseconds) },
    { name: "AgeingTime", header: "AGEING TIME", value: ({ bridge }) => seconds(bridge.bridge?.ageingTimeCentiseconds) },
  ],
  key: ({ bridge }) => bridge.name,
  record: ({ bridge, ports }) => ({ name: bridge.name, up: bridge.up, ...bridge.bridge, ports: ports.map(portRecord) }),
};

export const showstp = defineCommand({
  path: "net bridge showstp",
  usage: "[OPTIONS] BRIDGE",
  summary: "Show the state of the spanning tree protocol of a bridge and its ports",
  options,
  arity: [1, 1],
  completes: "bridge",
  async run(context, { options, args }) {
    const bridges = listBridges(context.engine(), args, options.in);
    context.stdout.write(await render(stpListing, bridges, options, () => bridges.map(renderStp).join("")));
    return 0;
  },
});
