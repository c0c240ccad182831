// tsns network create: a bridge of its own for containers that are to meet, apart from all others.
import { TsnsError } from "../../src/base/error.ts";
import { createNetwork } from "../../src/engine/network/create.ts";
import { defineCommand } from "../command.ts";
import { Problems } from "../option/problem.ts";

export const command = defineCommand({
  path: "network create",
  usage: "[OPTIONS] NETWORK",
  summary: "Create a network",
  options: {
    driver: { type: "string", short: "d", value: "string", default: "bridge", describe: "Driver to manage the network: bridge" },
    subnet: { type: "list", value: "strings", describe: "Subnet in CIDR format that represents a network segment" },
    gateway: { type: "list", value: "strings", describe: "IPv4 gateway for the subnet" },
    "ip-range": { type: "list", value: "strings", describe: "Allocate container addresses from a sub-range" },
    internal: { type: "boolean", describe: "Restrict external access to the network" },
    label: { type: "list", describe: "Set metadata on a network" },
    opt: { type: "list", short: "o", value: "map", describe: "Set driver specific options" },
    attachable: { type: "boolean", hidden: true, describe: "Not supported" },
    ingress: { type: "boolean", hidden: true, describe: "Not supported" },
    ipv6: { type: "boolean", hidden: true, describe: "Not supported" },
    "config-only": { type: "boolean", hidden: true, describe: "Not supported" },
    "config-from": { type: "string", hidden: true, describe: "Not supported" },
    scope: { type: "string", hidden: true, describe: "Not supported" },
    "ipam-driver": { type: "string", hidden: true, describe: "Not supported" },
    "ipam-opt": { type: "list", hidden: true, describe: "Not supported" },
    "aux-address": { type: "list", hidden: true, describe: "Not supported" },
  },
  arity: [1, 1],
  changes: true,
  async run(context, { options, args }) {
    const problems = new Problems();
    for (const name of unsupported) {
      const value = options[name];
      if (value && value.toString() !== "") problems.add(`--${name} is not supported`, "leave it out");
    }
    if (options.driver !== "bridge") problems.add(`network driver "${options.driver}" is not supported`, "bridge is the one there is");
    const one = (name: "subnet" | "gateway" | "ip-range") => {
      const values = (options[name] ?? []).flatMap((value) => value.split(","));
      if (values.length > 1) problems.add(`--${name}: a network has one subnet`, "give it once");
      return values[0];
    };
    const [subnet, gateway, ipRange] = [one("subnet"), one("gateway"), one("ip-range")];
    problems.throwIfAny();
    const record = await createNetwork(context.engine(), {
      name: args[0] ?? "",
      ...(subnet === undefined ? {} : { subnet }),
      ...(gateway === undefined ? {} : { gateway }),
      ...(ipRange === undefined ? {} : { ipRange }),
      internal: options.internal ?? false,
      labels: parsePairs(options.label ?? []),
      options: parsePairs(options.opt ?? []),
    });
    if (record) context.stdout.write(`${record.id}\n`);
    return 0;
  },
});

/** Docker's options that would be accepted and ignored: refused by their names instead. */
const unsupported = [
  "attachable",
  "ingress",
  "ipv6",
  "config-only",
  "config-from",
  "scope",
  "ipam-driver",
  "ipam-opt",
  "aux-address",
] as const;

function parsePairs(list: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    list.map((text) => {
      const at = text.indexOf("=");
      if (at === 0) throw new TsnsError("invalid", "bad-option", `invalid label or option "${text}"`, { hint: "write KEY=VALUE" });
      return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}
