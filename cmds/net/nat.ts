// `tsns net nat ls|add|del`: masquerade and source translation for subnets of this host.
import { addNat, listNats, type NatView, removeNats } from "../../src/engine/network/nat.ts";
import { defineCommand } from "../command.ts";
import { toolkitExitCode, usageError } from "../usage-error.ts";
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

/** The word in front only says what `--to` says. */
function readSubnet(args: readonly string[], to: string | undefined): string {
  const [kind, subnet] = args.length === 2 ? args : [to === undefined ? "masquerade" : "snat", args[0]];
  if (kind !== "masquerade" && kind !== "snat") throw refused(`"${kind}" is neither masquerade nor snat`);
  if (kind === "snat" && to === undefined) throw refused("snat needs the address to give: --to ADDRESS");
  if (kind === "masquerade" && to !== undefined) throw refused("masquerade takes the address of the link: say snat for --to");
  return subnet ?? "";
}

const refused = (problem: string) => usageError("net nat add", [problem], toolkitExitCode);

export const add = defineCommand({
  path: "net nat add",
  usage: "[OPTIONS] [masquerade|snat] SUBNET",
  summary: "Translate the source of what leaves a subnet; prints its number",
  options: {
    out: { type: "string", value: "link", describe: "Only what leaves by this link" },
    to: { type: "string", value: "address", describe: "The source it gets (default: the address of the link it leaves by)" },
  },
  arity: [1, 2],
  changes: true,
  async run(context, { options, args }) {
    const number = await addNat(context.engine(), readSubnet(args, options.to), options);
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
