// tsns net addr ls|add|del|flush: addresses of links in any network namespace, in the words of ip(8).
import { TsnsError } from "../../src/base/error.ts";
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { type AddressRow, addAddresses, flushAddresses, listAddresses, removeAddresses } from "../../src/engine/network/address.ts";
import { parsePrefix, renderPrefix, requirePrefix } from "../../src/network/link-address.ts";
import { throwProblems } from "../../src/network/link-words.ts";
import { defineCommand } from "../command.ts";
import { familyOf, familyOptions, familyWord } from "../option/family.ts";
import { formatOption } from "../option/listing.ts";
import { namespaceOptions } from "../option/namespace.ts";

const listing: Listing<AddressRow> = {
  fields: [
    { name: "Link", header: "link", value: ({ link }) => link },
    { name: "Address", header: "address", value: renderPrefix },
    { name: "Peer", header: "peer", value: ({ peer }) => peer ?? "", inTable: false },
    { name: "Broadcast", header: "broadcast", value: ({ broadcast }) => broadcast ?? "-" },
    { name: "Scope", header: "scope", value: ({ scope }) => scope },
    { name: "Flags", header: "flags", value: ({ flags }) => flags.join(",") || "-" },
    { name: "Label", header: "label", value: ({ label }) => label, inTable: false },
    { name: "Owner", header: "owner", value: ({ owner }) => owner },
  ],
  key: renderPrefix,
  record: (row) => ({ ...row, family: familyWord(row.family) }),
};

export const ls = defineCommand({
  path: "net addr ls",
  usage: "[OPTIONS] [LINK]",
  summary: "List the addresses of a network namespace and whose the links are",
  options: {
    ...namespaceOptions,
    ...familyOptions,
    format: formatOption,
    json: { type: "boolean", describe: "Print one JSON array" },
    quiet: { type: "boolean", short: "q", describe: "Print only addresses" },
  },
  arity: [0, 1],
  completes: "link",
  async run(context, { options, args: [link] }) {
    const rows = listAddresses(context.engine(), options.in, { link, family: familyOf(options) });
    context.stdout.write(await renderListing(listing, rows, options));
    return 0;
  },
});

interface Target {
  readonly addresses: readonly string[];
  readonly link: string;
  readonly nodad: boolean;
}

/** `ADDRESS... [dev] LINK [nodad]`. Throws TsnsError invalid `usage`, exit code 2. */
function parseTarget(args: readonly string[], what: string): Target {
  const nodad = args.at(-1) === "nodad";
  const words = nodad ? args.slice(0, -1) : args;
  const link = words.at(-1) ?? "";
  const addresses = words.slice(0, words.at(-2) === "dev" ? -2 : -1);
  if (addresses.length === 0) throwProblems(["the link is missing: ADDRESS dev LINK"], what);
  return { addresses, link, nodad };
}

export const add = defineCommand({
  path: "net addr add",
  usage: "[OPTIONS] ADDRESS/LENGTH [ADDRESS/LENGTH...] dev LINK [nodad]",
  summary: "Give a link addresses, all of them or none",
  options: namespaceOptions,
  arity: [2, Number.POSITIVE_INFINITY],
  changes: true,
  async run(context, { options, args }) {
    const { addresses, link, nodad } = parseTarget(args, "tsns net addr add");
    await addAddresses(context.engine(), options.in, { link, prefixes: addresses.map(requirePrefix), withoutDetection: nodad });
    return 0;
  },
});

/** An address, with a prefix length or without. */
function parseAddress(text: string): { readonly address: string; readonly prefixLength?: number } {
  const prefix = parsePrefix(text);
  if (!prefix)
    throw new TsnsError("invalid", "bad-address", `"${text}" is no address`, {
      hint: "write it like 10.1.2.3 or 10.1.2.3/24",
      exitCode: 2,
    });
  return text.includes("/") ? prefix : { address: prefix.address };
}

export const del = defineCommand({
  path: "net addr del",
  usage: "[OPTIONS] ADDRESS[/LENGTH] [ADDRESS[/LENGTH]...] dev LINK",
  summary: "Take addresses from a link, all of them or none",
  options: namespaceOptions,
  arity: [2, Number.POSITIVE_INFINITY],
  changes: true,
  async run(context, { options, args }) {
    const { addresses, link } = parseTarget(args, "tsns net addr del");
    await removeAddresses(context.engine(), options.in, { link, addresses: addresses.map(parseAddress) });
    return 0;
  },
});

export const flush = defineCommand({
  path: "net addr flush",
  usage: "[OPTIONS] [dev] LINK",
  summary: "Take all addresses from a link",
  options: { ...namespaceOptions, ...familyOptions },
  arity: [1, 2],
  completes: "link",
  changes: true,
  async run(context, { options, args }) {
    if (args.length === 2 && args[0] !== "dev") throwProblems([`one link at a time, not "${args.join(" ")}"`], "tsns net addr flush");
    await flushAddresses(context.engine(), options.in, args.at(-1) ?? "", familyOf(options));
    return 0;
  },
});
