// `tsns net nat ls|add|del`: masquerade and source translation for subnets of this host.
import { addNat, listNats, type NatView, removeNats } from "../../src/engine/network/nat.ts";
import { defineCommand } from "../command.ts";
import { allNumbers, numberedListing, numberedOptions, printNumbered, refuseNone } from "./numbered-rule.ts";

const listing = numberedListing<NatView>([
  { name: "Source", header: "source", value: ({ source }) => source },
  { name: "Out", header: "out", value: ({ out }) => out },
  { name: "To", header: "to", value: ({ to }) => to },
]);

export const ls = defineCommand({
  path: "net nat ls",
  usage: "[OPTIONS]",
  summary: "List masquerade and source translation, whoever made it",
  options: numberedOptions("net nat"),
  arity: [0, 0],
  async run(context, { options }) {
    return await printNumbered(context, listing, await listNats(context.engine()), options);
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
