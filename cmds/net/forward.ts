// `tsns net forward ls|add|del`: forwarded ports of this host.
import { TsnsError } from "../../src/base/error.ts";
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { addForward, type ForwardView, listForwards, removeForwards } from "../../src/engine/network/forward.ts";
import { renderRuleOwner } from "../../src/network/rule/view.ts";
import { defineCommand } from "../command.ts";
import { formatOption } from "../option/listing.ts";
import { countText } from "./rules.ts";

const listing: Listing<ForwardView> = {
  fields: [
    { name: "Number", header: "num", value: ({ number }) => (number === undefined ? "-" : `${number}`) },
    { name: "Listen", header: "listen", value: ({ listen }) => listen },
    { name: "Target", header: "target", value: ({ target }) => target },
    { name: "Behind", header: "behind", value: ({ behind }) => behind || "-" },
    { name: "Owner", header: "owner", value: ({ owner }) => renderRuleOwner(owner) },
    { name: "Packets", header: "packets", value: ({ packets }) => `${packets}` },
    { name: "Bytes", header: "bytes", value: ({ bytes }) => `${bytes}` },
    { name: "State", header: "state", value: ({ state }) => state },
    { name: "Backend", header: "backend", inTable: false, value: ({ backend }) => backend ?? "" },
    { name: "When", header: "when", value: ({ when }) => when },
  ],
  key: ({ number, listen }) => (number === undefined ? listen : `${number}`),
  record: ({ packets, bytes, ...view }) => ({ ...view, packets: countText(packets), bytes: countText(bytes) }),
};

export const ls = defineCommand({
  path: "net forward ls",
  usage: "[OPTIONS]",
  summary: "List forwarded ports, whoever forwards them",
  options: {
    own: { type: "boolean", describe: "Only those of tsns net forward" },
    quiet: { type: "boolean", short: "q", describe: "Print only numbers" },
    format: formatOption,
    json: { type: "boolean", describe: "Print one JSON array" },
  },
  arity: [0, 0],
  async run(context, { options }) {
    const all = await listForwards(context.engine());
    const shown = options.own || options.quiet ? all.filter(({ number }) => number !== undefined) : all;
    context.stdout.write(await renderListing(listing, shown, options));
    return 0;
  },
});

export const add = defineCommand({
  path: "net forward add",
  usage: "[OPTIONS] [IP:]PORT[-RANGE]:IP:PORT[/tcp|udp|sctp]",
  summary: "Forward a port of this host to another address; prints its number",
  options: {
    masquerade: { type: "boolean", describe: "The target sees this host as the client: for targets whose answers do not pass here" },
  },
  arity: [1, 1],
  changes: true,
  async run(context, { options, args }) {
    const number = await addForward(context.engine(), args[0] ?? "", options);
    if (number !== undefined) context.stdout.write(`${number}\n`);
    return 0;
  },
});

export const del = defineCommand({
  path: "net forward del",
  usage: "[OPTIONS] NUMBER|SPECIFICATION...",
  summary: "Remove forwards that tsns net forward made; prints their numbers",
  options: { all: { type: "boolean", describe: "Remove all of them" } },
  arity: [0, Number.POSITIVE_INFINITY],
  changes: true,
  async run(context, { options, args }) {
    const engine = context.engine();
    refuseNone("forward", args, options.all ?? false);
    const references = options.all ? await allNumbers(listForwards(engine)) : args;
    for (const number of await removeForwards(engine, references)) context.stdout.write(`${number}\n`);
    return 0;
  },
});

/** Numbers of what is tsns's own in a list, ascending. */
export async function allNumbers(list: Promise<readonly { readonly number?: number }[]>): Promise<readonly string[]> {
  const numbers = new Set((await list).flatMap(({ number }) => number ?? []));
  return [...numbers].sort((one, other) => one - other).map(String);
}

/** Throws the usage error for neither a name nor --all, or both. */
export function refuseNone(what: string, args: readonly string[], all: boolean): void {
  if (args.length > 0 !== all) return;
  const message = all ? `--all and ${args.join(" ")} cannot be given together` : `no ${what} given`;
  throw new TsnsError("invalid", "usage", message, { hint: `give numbers as tsns net ${what} ls shows them, or --all`, exitCode: 2 });
}
