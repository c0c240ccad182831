// tsns net link ls|show|up|down|set|del: links of any network namespace, in the words of ip(8).
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { type LinkRow, listLinks, removeLinks, setLink, setLinks } from "../../src/engine/network/link.ts";
import { parseLinkWords } from "../../src/network/link-words.ts";
import { type Context, defineCommand, type Input } from "../command.ts";
import { formatOption } from "../option/listing.ts";
import { namespaceOptions } from "../option/namespace.ts";

const none = "-";

const listing: Listing<LinkRow> = {
  fields: [
    { name: "Index", header: "index", value: ({ index }) => String(index) },
    { name: "Name", header: "name", value: ({ name }) => name },
    { name: "Kind", header: "kind", value: ({ kind, type }) => kind || type },
    { name: "State", header: "state", value: ({ state, up, type }) => (type === "loopback" && up ? "UP" : state) },
    { name: "MTU", header: "mtu", value: ({ mtu }) => String(mtu) },
    { name: "MAC", header: "mac", value: ({ mac }) => mac || none },
    { name: "Master", header: "master", value: ({ masterName }) => masterName || none },
    { name: "Peer", header: "peer", value: ({ peerName }) => peerName || none },
    { name: "Addresses", header: "addresses", value: ({ addresses }) => addresses.join(",") || none },
    { name: "Owner", header: "owner", value: ({ owner }) => owner },
    { name: "Flags", header: "flags", value: ({ flags }) => flags.join(","), inTable: false },
    { name: "Alias", header: "alias", value: ({ alias }) => alias, inTable: false },
    { name: "TxQueueLength", header: "txqueuelen", value: ({ txQueueLength }) => String(txQueueLength), inTable: false },
    { name: "ReceivedBytes", header: "received", value: ({ counters }) => String(counters?.rxBytes ?? 0), inTable: false },
    { name: "SentBytes", header: "sent", value: ({ counters }) => String(counters?.txBytes ?? 0), inTable: false },
  ],
  key: ({ name }) => name,
  record: (row) => row,
};

const listOptions = {
  ...namespaceOptions,
  format: formatOption,
  json: { type: "boolean", describe: "Print one JSON array" },
  quiet: { type: "boolean", short: "q", describe: "Print only names" },
} as const;

async function list(context: Context, { options, args }: Input<typeof listOptions>): Promise<number> {
  const rows = listLinks(context.engine(), options.in, args);
  context.stdout.write(await renderListing(listing, rows, options));
  return 0;
}

export const ls = defineCommand({
  path: "net link ls",
  usage: "[OPTIONS] [LINK...]",
  summary: "List the links of a network namespace and whose they are",
  options: listOptions,
  arity: [0, Number.POSITIVE_INFINITY],
  completes: "link",
  run: list,
});

/** One property per line, for people who look at one link. */
function renderDetail(row: LinkRow): string {
  const { counters } = row;
  const lines: readonly (readonly [string, string])[] = [
    ["link", `${row.name} (${row.index})`],
    ["kind", row.kind || row.type],
    ["owner", row.owner],
    ["state", `${row.state}: ${row.flags.join(", ")}`],
    ["mac", `${row.mac || none}, broadcast ${row.broadcast || none}`],
    ["mtu", `${row.mtu} bytes${row.maximumMtu > 0 ? `, ${row.minimumMtu} to ${row.maximumMtu} are possible` : ""}`],
    ["queue", `${row.txQueueLength} packets, ${row.qdisc || none}`],
    ["master", row.masterName || none],
    ["peer", row.peerName || none],
    ["addresses", row.addresses.join(", ") || none],
    ["promiscuous", row.promiscuous ? "on" : row.promiscuity > 0 ? "by what it is connected to" : "off"],
    ["alias", row.alias || none],
    [
      "received",
      counters
        ? `${counters.rxBytes} bytes, ${counters.rxPackets} packets, ${counters.rxErrors} errors, ${counters.rxDropped} dropped`
        : none,
    ],
    [
      "sent",
      counters
        ? `${counters.txBytes} bytes, ${counters.txPackets} packets, ${counters.txErrors} errors, ${counters.txDropped} dropped`
        : none,
    ],
  ];
  return lines.map(([name, value]) => `${`${name}:`.padEnd(13)}${value}\n`).join("");
}

export const show = defineCommand({
  path: "net link show",
  usage: "[OPTIONS] LINK [LINK...]",
  summary: "Show everything about links of a network namespace",
  options: listOptions,
  arity: [1, Number.POSITIVE_INFINITY],
  completes: "link",
  async run(context, input) {
    const { options, args } = input;
    if (options.json || options.quiet || options.format !== undefined) return list(context, input);
    const { escapeControlExceptLayout } = await import("../../src/base/text.ts");
    context.stdout.write(escapeControlExceptLayout(listLinks(context.engine(), options.in, args).map(renderDetail).join("\n")));
    return 0;
  },
});

const turn = (word: "up" | "down") =>
  defineCommand({
    path: `net link ${word}`,
    usage: "[OPTIONS] LINK [LINK...]",
    summary: `Bring links ${word}`,
    options: namespaceOptions,
    arity: [1, Number.POSITIVE_INFINITY],
    completes: "link",
    changes: true,
    async run(context, { options, args }) {
      await setLinks(context.engine(), options.in, args, { up: word === "up" });
      return 0;
    },
  });

export const up = turn("up");
export const down = turn("down");

export const set = defineCommand({
  path: "net link set",
  usage:
    "[OPTIONS] LINK [mtu BYTES] [address MAC] [name NAME] [master BRIDGE | nomaster] [txqueuelen N] [promisc on|off] [alias TEXT] [up | down]",
  summary: "Change properties of a link, all of them or none",
  options: namespaceOptions,
  arity: [2, Number.POSITIVE_INFINITY],
  completes: "link",
  changes: true,
  async run(context, { options, args: [name = "", ...words] }) {
    const changes = parseLinkWords(words, "tsns net link set");
    await setLink(context.engine(), options.in, name, changes);
    return 0;
  },
});

export const del = defineCommand({
  path: "net link del",
  usage: "[OPTIONS] LINK [LINK...]",
  summary: "Remove links; of a veth pair both ends go",
  options: namespaceOptions,
  arity: [1, Number.POSITIVE_INFINITY],
  completes: "link",
  changes: true,
  async run(context, { options, args }) {
    await removeLinks(context.engine(), options.in, args);
    return 0;
  },
});
