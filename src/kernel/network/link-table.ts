// Lists links, addresses and routes of any network namespace through the relay, and those of many by one process.
// Knows nothing of who owns them.
import type { Prefix } from "../../network/link-address.ts";
import type { AddressState, LinkDetail } from "../../network/link-detail.ts";
import { addressList } from "../../network/message-address.ts";
import { linkList } from "../../network/message-link.ts";
import { routeGet, routeList } from "../../network/message-route.ts";
import type { RouteState } from "../../network/route-state.ts";
import { type Exchange, exchangeAll, type Reply, tryExchangesIn } from "../netlink/relay.ts";
import { decodeAddress, decodeLink } from "./link-decode.ts";
import { decodeAnyRoute, decodeRoute } from "./route-decode.ts";

/** Links and addresses of one network namespace, in the kernel's order. */
export interface LinkTable {
  readonly links: readonly LinkDetail[];
  readonly addresses: readonly AddressState[];
}

export interface RouteTable extends LinkTable {
  readonly routes: readonly RouteState[];
}

const lists = {
  links: { message: linkList(), dump: true, verb: "list", target: "links" },
  addresses: { message: addressList(), dump: true, verb: "list", target: "addresses" },
  routes: { message: routeList(), dump: true, verb: "list", target: "routes" },
} as const satisfies Record<string, Exchange>;

function all<T>(replies: readonly Reply[] | undefined, decode: (reply: Reply) => T | undefined): readonly T[] {
  return (replies ?? []).flatMap((reply) => decode(reply) ?? []);
}

const at = (namespacePath: string | undefined) => (namespacePath === undefined ? {} : { namespacePath });

/** With the routes of all tables, of the namespace of that file or of this process's. Throws KernelError. */
export function readRouteTable(namespacePath?: string): RouteTable {
  const [links, addresses, routes] = exchangeAll([lists.links, lists.addresses, lists.routes], at(namespacePath));
  return { links: all(links, decodeLink), addresses: all(addresses, decodeAddress), routes: all(routes, decodeRoute) };
}

/** Link tables of many namespaces, undefined for those that cannot be entered. An empty path is this process's and comes first. */
export function readLinkTables(namespacePaths: readonly string[]): readonly (LinkTable | undefined)[] {
  return tryExchangesIn(namespacePaths, [lists.links, lists.addresses]).map((answers) => {
    if (!answers) return undefined;
    return { links: all(answers[0]?.replies, decodeLink), addresses: all(answers[1]?.replies, decodeAddress) };
  });
}

/** The route that a packet to an address would take. Throws KernelError: ENETUNREACH where none leads there. */
export function readRouteTo(to: Prefix, options: { readonly from?: string; readonly linkIndex?: number; readonly namespacePath?: string }) {
  const message = routeGet(to, options.from, options.linkIndex);
  const [replies] = exchangeAll([{ message, verb: "find route to", target: to.address }], at(options.namespacePath));
  return all(replies, decodeAnyRoute)[0];
}
