// `tsns net forward ls|add|del`: forwarded ports of this host.
import { addForward, removeForwards } from "../../src/engine/network/forward.ts";
import { type ForwardView, listForwards } from "../../src/engine/network/forward-list.ts";
import { defineCommand } from "../command.ts";
import { allNumbers, numberedListing, numberedOptions, printNumbered, refuseNone } from "./numbered-rule.ts";

const listing = numberedListing<ForwardView>([
  { name: "Listen", header: "listen", value: ({ listen }) => listen },
  { name: "Target", header: "target", value: ({ target }) => target },
  { name: "Behind", header: "behind", value: ({ behind }) => behind || "-" },
]);

export const ls = defineCommand({
  path: "net forward ls",
  usage: "[OPTIONS]",
  summary: "List forwarded ports, whoever forwards them",
  options: numberedOptions("net forward"),
  arity: [0, 0],
  async run(context, { options }) {
    return await printNumbered(context, listing, await listForwards(context.engine()), options);
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
