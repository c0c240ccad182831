// `tsns net nat ls|add|del`: masquerade and source translation for subnets of this host.
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { addNat, listNats, type NatView, removeNats } from "../../src/engine/network/nat.ts";
import { renderRuleOwner } from "../../src/network/rule/view.ts";
import { defineCommand } from "../command.ts";
import { formatOption } from "../option/listing.ts";
import { allNumbers, refuseNone } from "./forward.ts";
import { countText } from "./rules.ts";

const listing: Listing<NatView> = {
  fields: [
    { name: "Number", header: "num", value: ({ number }) => (number === undefined ? "-" : `${number}`) },
    { name: "Source", header: "source", value: ({ source }) => source },
    { name: "Out", header: "out", value: ({ out }) => out },
    { name: "To", header: "to", value: ({ to }) => to },
    { name: "Owner", header: "owner", value: ({ owner }) => renderRuleOwner(owner) },
    { name: "Packets", header: "packets", value: ({ packets }) => `${packets}` },
    { name: "Bytes", header: "bytes", value: ({ bytes }) => `${bytes}` },
    { name: "State", header: "state", value: ({ state }) => state },
    { name: "Backend", header: "backend", inTable: false, value: ({ backend }) => backend ?? "" },
    { name: "When", header: "when", value: ({ when }) => when },
  ],
  key: ({ number, source }) => (number === undefined ? source : `${number}`),
  record: ({ packets, bytes, ...view }) => ({ ...view, packets: countText(packets), bytes: countText(bytes) }),
};

export const ls = defineCommand({
  path: "net nat ls",
  usage: "[OPTIONS]",
  summary: "List masquerade and source translation, whoever made it",
  options: {
    own: { type: "boolean", describe: "Only those of tsns net nat" },
    quiet: { type: "boolean", short: "q", describe: "Print only numbers" },
    format: formatOption,
    json: { type: "boolean", describe: "Print one JSON array" },
  },
  arity: [0, 0],
  async run(context, { options }) {
    const all = await listNats(context.engine());
    const shown = options.own || options.quiet ? all.filter(({ number }) => number !== undefined) : all;
    context.stdout.write(await renderListing(listing, shown, options));
    return 0;
  },
});

export const add = defineCommand({
  path: "net nat add",
  usage: "[OPTIONS] SUBNET",
  summary: "Translate the source of what leaves a subnet; prints its number",
  options: {
    out: { type: "string", value: "link", describe: "Only what leaves by this link" },
    to: { type: "string", value: "address", describe: "The source it gets (default: the address of the link it leaves by)" },
  },
  arity: [1, 1],
  changes: true,
  async run(context, { options, args }) {
    const number = await addNat(context.engine(), args[0] ?? "", options);
    if (number !== undefined) context.stdout.write(`${number}\n`);
    return 0;
  },
});

export const del = defineCommand({
  path: "net nat del",
  usage: "[OPTIONS] NUMBER|SUBNET...",
  summary: "Remove what tsns net nat made; prints the numbers",
  options: { all: { type: "boolean", describe: "Remove all of them" } },
  arity: [0, Number.POSITIVE_INFINITY],
  changes: true,
  async run(context, { options, args }) {
    const engine = context.engine();
    refuseNone("nat", args, options.all ?? false);
    const references = options.all ? await allNumbers(listNats(engine)) : args;
    for (const number of await removeNats(engine, references)) context.stdout.write(`${number}\n`);
    return 0;
  },
});
