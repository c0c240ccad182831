// tsns net veth add|del|ls|move: veth pairs of the host and of all containers.
import { TsnsError } from "../../src/base/error.ts";
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { addVeth, listVethPairs, moveVeth, removeVeth, type VethPairView } from "../../src/engine/network/veth.ts";
import { defineCommand } from "../command.ts";
import { formatOption } from "../option/listing.ts";
import { namespaceOptions, namespaceReference } from "../option/namespace.ts";

const none = "-";

const listing: Listing<VethPairView> = {
  fields: [
    { name: "Name", header: "name", value: ({ end }) => end.name },
    { name: "In", header: "in", value: ({ end }) => end.owner },
    { name: "State", header: "state", value: ({ end }) => end.state },
    { name: "Master", header: "master", value: ({ end }) => end.master || none },
    { name: "Addresses", header: "addresses", value: ({ end }) => end.addresses.join(",") || none },
    { name: "MTU", header: "mtu", value: ({ end }) => String(end.mtu) },
    { name: "MAC", header: "mac", value: ({ end }) => end.mac, inTable: false },
    { name: "Peer", header: "peer", value: ({ peer }) => peer?.name ?? none },
    { name: "PeerIn", header: "peer in", value: ({ peer }) => peer?.owner ?? "unknown" },
    { name: "PeerState", header: "peer state", value: ({ peer }) => peer?.state ?? none },
    { name: "PeerAddresses", header: "peer addresses", value: ({ peer }) => peer?.addresses.join(",") || none },
    { name: "PeerMaster", header: "peer master", value: ({ peer }) => peer?.master || none, inTable: false },
    { name: "PeerMTU", header: "peer mtu", value: ({ peer }) => (peer ? String(peer.mtu) : none), inTable: false },
    { name: "PeerMAC", header: "peer mac", value: ({ peer }) => peer?.mac ?? none, inTable: false },
  ],
  key: ({ end }) => end.name,
  record: (row) => row,
};

export const ls = defineCommand({
  path: "net veth ls",
  usage: "[OPTIONS]",
  summary: "List the veth pairs of the host and of all containers with both ends",
  options: {
    format: formatOption,
    json: { type: "boolean", describe: "Print one JSON array" },
    quiet: { type: "boolean", short: "q", describe: "Print only the name of each pair's first end" },
  },
  arity: [0, 0],
  async run(context, { options }) {
    context.stdout.write(await renderListing(listing, listVethPairs(context.engine()), options));
    return 0;
  },
});

/** Bounds of the driver, drivers/net/veth.c: ETH_MIN_MTU and ETH_MAX_MTU. */
const mtuBounds = { least: 68, most: 65_535 } as const;

function checkMtu(mtuBytes: number | undefined): void {
  const { least, most } = mtuBounds;
  if (mtuBytes === undefined || (mtuBytes >= least && mtuBytes <= most)) return;
  throw new TsnsError("invalid", "bad-mtu", `a veth pair takes no MTU of ${mtuBytes} bytes`, {
    hint: `from ${least} to ${most}`,
    exitCode: 2,
  });
}

export const add = defineCommand({
  path: "net veth add",
  usage: "[OPTIONS] NAME PEER",
  summary: "Make a veth pair, each end in the namespace of your choice",
  options: {
    ...namespaceOptions,
    "peer-in": {
      type: "string",
      value: "reference",
      describe: `Network namespace of the peer: ${namespaceReference}`,
      completes: "running",
    },
    mtu: { type: "number", value: "bytes", describe: "Largest packet of both ends" },
    up: { type: "boolean", describe: "Bring both ends up" },
  },
  arity: [2, 2],
  changes: true,
  async run(context, { options, args: [name = "", peer = ""] }) {
    checkMtu(options.mtu);
    await addVeth(context.engine(), { name, peer, mtuBytes: options.mtu, up: options.up }, { in: options.in, peerIn: options["peer-in"] });
    return 0;
  },
});

export const del = defineCommand({
  path: "net veth del",
  usage: "[OPTIONS] NAME [NAME...]",
  summary: "Remove veth pairs by one of their ends",
  options: namespaceOptions,
  arity: [1, Number.POSITIVE_INFINITY],
  completes: "link",
  changes: true,
  async run(context, { options, args }) {
    await removeVeth(context.engine(), args, options.in);
    return 0;
  },
});

export const move = defineCommand({
  path: "net veth move",
  usage: "[OPTIONS] NAME --to REFERENCE",
  summary: "Move one end of a veth pair to another network namespace",
  options: {
    ...namespaceOptions,
    to: { type: "string", value: "reference", describe: `Where it goes: ${namespaceReference}, or host`, completes: "running" },
    name: { type: "string", value: "name", describe: "Its name there (default: as here)" },
  },
  arity: [1, 1],
  completes: "link",
  changes: true,
  async run(context, { options, args: [name = ""] }) {
    const { to } = options;
    if (to === undefined) throw new TsnsError("invalid", "usage", "--to is missing", { hint: `give a ${namespaceReference}`, exitCode: 2 });
    await moveVeth(context.engine(), { name, newName: options.name, in: options.in, to });
    return 0;
  },
});
