// tsns network create: a bridge of its own for containers that are to meet, apart from all others; or settings for such networks.
import { TsnsError } from "../../src/base/error.ts";
import { createNetwork } from "../../src/engine/network/create.ts";
import { defineCommand, type OptionTable, type ValuesOf } from "../command.ts";
import { parsePairs } from "../option/pair.ts";

const table = {
  attachable: { type: "boolean", describe: "Enable manual container attachment" },
  "aux-address": { type: "list", value: "map", describe: "Auxiliary addresses no container is given (NAME=ADDRESS)" },
  "config-from": { type: "string", value: "string", describe: "The network from which to copy the configuration", completes: "network" },
  "config-only": { type: "boolean", describe: "Create a configuration only network" },
  driver: {
    type: "string",
    short: "d",
    value: "string",
    default: "bridge",
    describe: "Driver to manage the network: bridge, macvlan, ipvlan",
    choices: ["bridge", "macvlan", "ipvlan"],
    judged: true,
  },
  gateway: { type: "list", value: "strings", describe: "IPv4 or IPv6 gateway for a subnet" },
  ingress: { type: "boolean", hidden: true, describe: "Networks of a swarm: refused" },
  internal: { type: "boolean", describe: "Restrict external access to the network" },
  "ip-range": { type: "list", value: "strings", describe: "Allocate container addresses from a sub-range" },
  "ipam-driver": { type: "string", value: "string", default: "default", describe: "IP address management driver: default" },
  "ipam-opt": { type: "list", value: "map", hidden: true, describe: "The driver default has no options: refused" },
  ipv4: { type: "boolean", default: true, describe: "Enable IPv4 address assignment" },
  ipv6: { type: "boolean", describe: "Enable IPv6 address assignment" },
  label: { type: "list", describe: "Set metadata on a network" },
  opt: { type: "list", short: "o", value: "map", describe: "Set driver specific options" },
  scope: { type: "string", value: "string", describe: "Control the network's scope: local" },
  subnet: { type: "list", value: "strings", describe: "Subnet in CIDR format, IPv4 or IPv6, that represents a network segment" },
} as const satisfies OptionTable;

export const command = defineCommand({
  path: "network create",
  usage: "[OPTIONS] NETWORK",
  summary: "Create a network",
  options: table,
  arity: [1, 1],
  changes: true,
  async run(context, { options, args }) {
    const record = await createNetwork(context.engine(), { name: args[0] ?? "", ...parseRequest(options) });
    if (record) context.stdout.write(`${record.id}\n`);
    return 0;
  },
});

type Values = ValuesOf<typeof table>;

function parseRequest(options: Values): Omit<Parameters<typeof createNetwork>[1], "name"> {
  const { "config-from": configFrom, scope } = options;
  return {
    driver: options.driver || "bridge",
    subnets: splitList(options.subnet),
    gateways: splitList(options.gateway),
    ipRanges: splitList(options["ip-range"]),
    reserved: parseReserved(options["aux-address"] ?? []),
    ipv4: options.ipv4 ?? true,
    ipv6: options.ipv6 ?? false,
    internal: options.internal ?? false,
    attachable: options.attachable ?? false,
    ingress: options.ingress ?? false,
    configOnly: options["config-only"] ?? false,
    ...(configFrom ? { configFrom } : {}),
    ...(scope === undefined ? {} : { scope }),
    ipamDriver: options["ipam-driver"] ?? "default",
    ipamOptions: parsePairs("ipam-opt", "option", options["ipam-opt"] ?? []),
    labels: parsePairs("label", "label", options.label ?? []),
    options: parsePairs("opt", "option", options.opt ?? []),
  };
}

/** As docker's client: a comma divides. */
const splitList = (values: readonly string[] = []): readonly string[] => values.flatMap((value) => value.split(","));

/** A name twice would lose the first address: refused, unlike docker. */
function parseReserved(values: readonly string[]): Record<string, string> {
  const pairs = parsePairs("aux-address", "auxiliary address", values);
  if (Object.keys(pairs).length === values.length) return pairs;
  throw new TsnsError("invalid", "bad-option", "--aux-address: a name is given twice", { hint: "give each address a name of its own" });
}
