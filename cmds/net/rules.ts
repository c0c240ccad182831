// `tsns net rules`: every iptables and ip6tables rule of this host, whose it is and what it does in words.
import { TsnsError } from "../../src/base/error.ts";
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { listRules } from "../../src/engine/network/rules.ts";
import { type RuleView, renderRuleOwner } from "../../src/network/rule/view.ts";
import { defineCommand } from "../command.ts";
import { formatOption } from "../option/listing.ts";
import { countText } from "./count.ts";

const digit = (family: RuleView["family"]): string => (family === "ipv6" ? "6" : "4");

function listing(raw: boolean): Listing<RuleView> {
  return {
    fields: [
      { name: "Family", header: "ip", value: ({ family }) => digit(family) },
      { name: "Backend", header: "backend", value: ({ backend }) => backend },
      { name: "Table", header: "table", value: ({ table }) => table },
      { name: "Chain", header: "chain", value: ({ chain }) => chain },
      { name: "Number", header: "num", value: ({ number }) => (number === 0 ? "-" : `${number}`) },
      { name: "Packets", header: "packets", value: ({ packets }) => packets },
      { name: "Bytes", header: "bytes", value: ({ bytes }) => bytes },
      { name: "Owner", header: "owner", value: ({ owner }) => renderRuleOwner(owner) },
      { name: "Does", header: "does", inTable: !raw, value: ({ does }) => does },
      { name: "Rule", header: "rule", inTable: raw, value: ({ rule }) => rule },
    ],
    key: ({ rule }) => rule,
    record: ({ family, backend, table, chain, number, packets, bytes, owner, does, rule }) => ({
      ...{ family, backend, table, chain, number },
      packets: countText(BigInt(packets)),
      bytes: countText(BigInt(bytes)),
      ...{ owner, does, rule },
    }),
  };
}

function chosen<T extends string>(what: string, value: string | undefined, choices: Readonly<Record<string, T>>): T | undefined {
  if (value === undefined) return undefined;
  const found = choices[value];
  if (found !== undefined) return found;
  throw new TsnsError("invalid", "usage", `--${what} ${value}: not one of ${Object.keys(choices).join(", ")}`, { exitCode: 2 });
}

export const command = defineCommand({
  path: "net rules",
  usage: "[OPTIONS]",
  summary: "List the iptables rules of both families and backends, whose they are and what they do",
  options: {
    table: { type: "string", short: "t", value: "string", describe: "Only this table: filter, nat, mangle, raw, security" },
    chain: { type: "string", value: "string", describe: "Only this chain" },
    family: { type: "string", value: "4|6", describe: "Only iptables (4) or ip6tables (6)", choices: ["4", "6"] },
    owner: { type: "string", value: "string", describe: "Only rules of this program, container or network" },
    backend: { type: "string", value: "nft|legacy", describe: "Only this backend", choices: ["nft", "legacy"] },
    raw: { type: "boolean", describe: "Show the rules as iptables-save writes them" },
    format: formatOption,
    json: { type: "boolean", describe: "Print one JSON array" },
  },
  arity: [0, 0],
  async run(context, { options }) {
    const { table, chain, owner } = options;
    const { rules, hidden } = await listRules(context.engine(), {
      table,
      chain,
      owner,
      family: chosen("family", options.family, { "4": "ipv4", "6": "ipv6" } as const),
      backend: chosen("backend", options.backend, { nft: "nft", legacy: "legacy" } as const),
    });
    context.stdout.write(await renderListing(listing(options.raw ?? false), rules, options));
    for (const name of hidden) {
      context.stderr.write(
        `WARNING: nftables table "${name}" also decides, but iptables has no words for its rules: nft list ruleset shows them\n`,
      );
    }
    return 0;
  },
});
