// Lists links, addresses and forwarding tables over rtnetlink. Requests are built here, answers decoded in
// decode-link.ts and decode-address.ts; several requests that go together are sent by one process (relay.ts).
import type { ForwardingEntry, Link } from "../../network/link-state.ts";
import { renderMessage, u32 } from "../../network/message.ts";
import { type LinkAddress, parseForwardingEntry, parseLinkAddress } from "./decode-address.ts";
import { parseLink } from "./decode-link.ts";
import { type Exchange, exchangeAll, type Reply } from "./relay.ts";

export type { Link } from "../../network/link-state.ts";
export type { LinkAddress } from "./decode-address.ts";

/** linux/rtnetlink.h */
const request = { links: 18, addresses: 22, neighbours: 30 } as const;
const family = { any: 0, ipv4: 2, bridge: 7 } as const;
const ifla = { extMask: 29 } as const;
const skipStatistics = 8; // RTEXT_FILTER_SKIP_STATS

export interface LinkDumpOptions {
  /** Leaves the counters out: half of the bytes. */
  readonly withoutCounters?: boolean;
}

export function linkDump({ withoutCounters }: LinkDumpOptions = {}): Exchange {
  return dump(request.links, new Uint8Array(16), withoutCounters ? [withoutStatistics] : [], "links");
}

const withoutStatistics = { type: ifla.extMask, value: u32(skipStatistics) };

/** Addresses of both families, or of IPv4 alone. */
export function addressDump(only?: "ipv4"): Exchange {
  return dump(request.addresses, bodyOf(8, only ? family.ipv4 : family.any), [], "addresses");
}

/** Forwarding tables of all bridges (AF_BRIDGE). */
export function forwardingDump(): Exchange {
  return dump(request.neighbours, bodyOf(12, family.bridge), [], "forwarding tables");
}

function bodyOf(length: number, addressFamily: number): Uint8Array {
  const body = new Uint8Array(length);
  body[0] = addressFamily;
  return body;
}

function dump(type: number, body: Uint8Array, attributes: Parameters<typeof renderMessage>[3], target: string): Exchange {
  return { message: renderMessage(type, 0, body, attributes), dump: true, verb: "list", target };
}

function parseAll<T>(replies: readonly Reply[] | undefined, parse: (data: Uint8Array) => T | undefined): readonly T[] {
  return (replies ?? []).flatMap(({ data }) => parse(data) ?? []);
}

export const parseLinks = (replies: readonly Reply[] | undefined): readonly Link[] => parseAll(replies, parseLink);
export const parseLinkAddresses = (replies: readonly Reply[] | undefined): readonly LinkAddress[] => parseAll(replies, parseLinkAddress);
export const parseForwarding = (replies: readonly Reply[] | undefined): readonly ForwardingEntry[] =>
  parseAll(replies, parseForwardingEntry);

/** The answer to one request of the current network namespace. Throws KernelError. */
function ask(exchange: Exchange): readonly Reply[] | undefined {
  return exchangeAll([exchange])[0];
}

/** All links of the current network namespace. Throws KernelError. */
export function readLinks(): readonly Link[] {
  return parseLinks(ask(linkDump()));
}

/** IPv4 addresses of all links. Throws KernelError. */
export function readAddresses(): readonly LinkAddress[] {
  return parseLinkAddresses(ask(addressDump("ipv4")));
}
