// tsns net route ls|add|del|get: routes of any network namespace, in the words of ip(8).
import { TsnsError } from "../../src/base/error.ts";
import { type Listing, renderListing } from "../../src/base/listing.ts";
import { addRoute, getRoute, listRoutes, type RouteRow, removeRoute } from "../../src/engine/network/route.ts";
import { family, parseIp } from "../../src/network/link-address.ts";
import { parseWords, throwProblems } from "../../src/network/link-words.ts";
import { parseRoute, parseTable, routeTypeWords } from "../../src/network/route-plan.ts";
import { nameOf, renderDestination, routeProtocols, routeTables, scopes } from "../../src/network/route-state.ts";
import { type Context, defineCommand } from "../command.ts";
import { familyOf, familyOptions, familyWord } from "../option/family.ts";
import { formatOption } from "../option/listing.ts";
import { namespaceOptions } from "../option/namespace.ts";

const none = "-";

const listing: Listing<RouteRow> = {
  fields: [
    { name: "Destination", header: "destination", value: ({ destination }) => renderDestination(destination) },
    { name: "Type", header: "type", value: ({ type }) => type },
    { name: "Via", header: "via", value: ({ gateway, ways }) => ways.join(",") || gateway || none },
    { name: "Link", header: "link", value: ({ link }) => link || none },
    { name: "Source", header: "source", value: ({ source }) => source || none },
    { name: "Metric", header: "metric", value: ({ metric }) => String(metric) },
    { name: "Table", header: "table", value: ({ table }) => nameOf(routeTables, table) },
    { name: "Protocol", header: "protocol", value: ({ protocol }) => nameOf(routeProtocols, protocol) },
    { name: "Scope", header: "scope", value: ({ scope }) => nameOf(scopes, scope), inTable: false },
    { name: "Flags", header: "flags", value: ({ flags }) => flags.join(",") || none },
    { name: "Owner", header: "owner", value: ({ owner }) => owner },
  ],
  key: ({ destination }) => renderDestination(destination),
  record: (row) => ({
    ...row,
    family: familyWord(row.family),
    destination: renderDestination(row.destination),
    table: nameOf(routeTables, row.table),
    protocol: nameOf(routeProtocols, row.protocol),
    scope: nameOf(scopes, row.scope),
  }),
};

const listOptions = {
  format: formatOption,
  json: { type: "boolean", describe: "Print one JSON array" },
} as const;

async function print(context: Context, rows: readonly RouteRow[], options: { format?: string | undefined; json?: boolean | undefined }) {
  context.stdout.write(await renderListing(listing, rows, options));
  return 0;
}

/** "all" is 0; absent is the main table. */
function tableOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const problems: string[] = [];
  const table = text === "all" ? 0 : parseTable(text, problems);
  throwProblems(problems, "tsns net route ls");
  return table;
}

export const ls = defineCommand({
  path: "net route ls",
  usage: "[OPTIONS]",
  summary: "List the routes of a network namespace",
  options: {
    ...namespaceOptions,
    ...familyOptions,
    table: { type: "string", value: "table", describe: "Table to list: main (the default), local, default, a number, or all" },
    ...listOptions,
  },
  arity: [0, 0],
  run(context, { options }) {
    const filter = { table: tableOf(options.table), family: familyOf(options) };
    return print(context, listRoutes(context.engine(), options.in, filter), options);
  },
});

const routeUsage = "NETWORK|default [via GATEWAY] [dev LINK] [src ADDRESS] [metric N] [table TABLE]";

export const add = defineCommand({
  path: "net route add",
  usage: `[OPTIONS] [TYPE] ${routeUsage} [mtu BYTES] [onlink]`,
  summary: "Add a route",
  options: { ...namespaceOptions, ipv6: familyOptions.ipv6 },
  arity: [1, Number.POSITIVE_INFINITY],
  changes: true,
  async run(context, { options, args }) {
    await addRoute(context.engine(), options.in, parseRoute(args, options.ipv6 === true, "tsns net route add"));
    return 0;
  },
});

export const del = defineCommand({
  path: "net route del",
  usage: `[OPTIONS] [TYPE] ${routeUsage}`,
  summary: "Remove a route",
  options: { ...namespaceOptions, ipv6: familyOptions.ipv6 },
  arity: [1, Number.POSITIVE_INFINITY],
  changes: true,
  async run(context, { options, args }) {
    const route = parseRoute(args, options.ipv6 === true, "tsns net route del");
    await removeRoute(context.engine(), options.in, route, routeTypeWords.includes(args[0] ?? ""));
    return 0;
  },
});

function requireIp(text: string): string {
  const address = parseIp(text);
  if (address !== undefined) return address;
  throw new TsnsError("invalid", "bad-address", `"${text}" is no IP address`, { hint: "write it like 10.1.2.3 or fd00::3", exitCode: 2 });
}

export const get = defineCommand({
  path: "net route get",
  usage: "[OPTIONS] ADDRESS [from ADDRESS] [dev LINK]",
  summary: "Show the route that packets to an address take",
  options: { ...namespaceOptions, ...listOptions },
  arity: [1, 5],
  run(context, { options, args: [to = "", ...rest] }) {
    const words = parseWords(rest, { from: "value", dev: "value" }, "tsns net route get");
    const [address, from] = [requireIp(to), words.get("from")];
    const source = from === undefined ? undefined : requireIp(from);
    const ipv6 = (text: string) => (text.includes(":") ? family.ipv6 : family.ipv4);
    if (source !== undefined && ipv6(source) !== ipv6(address))
      throwProblems([`${source} is of another family than ${address}`], "tsns net route get");
    return print(context, [getRoute(context.engine(), options.in, { to: address, from: source, link: words.get("dev") })], options);
  },
});
