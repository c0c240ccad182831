// Routes as the kernel lists them and as somebody asks for them, and the words for their numbers (rtnetlink(7)). Values and pure functions.
import type { Family, Prefix } from "./link-address.ts";

/** RTN_* of linux/rtnetlink.h by number. */
export const routeTypes = [
  "unspec",
  "unicast",
  "local",
  "broadcast",
  "anycast",
  "multicast",
  "blackhole",
  "unreachable",
  "prohibit",
  "throw",
  "nat",
  "xresolve",
] as const;

/** RTPROT_*: who made the route, as iproute2's rt_protos names them. */
export const routeProtocols: Readonly<Record<number, string>> = {
  0: "unspec",
  1: "redirect",
  2: "kernel",
  3: "boot",
  4: "static",
  9: "ra",
  11: "zebra",
  12: "bird",
  15: "ntk",
  16: "dhcp",
  18: "keepalived",
  42: "babel",
  186: "bgp",
  187: "isis",
  188: "ospf",
  189: "rip",
  192: "eigrp",
};

/** RT_SCOPE_* */
export const scopes: Readonly<Record<number, string>> = { 0: "global", 200: "site", 253: "link", 254: "host", 255: "nowhere" };

/** RT_TABLE_* */
export const routeTables: Readonly<Record<number, string>> = { 253: "default", 254: "main", 255: "local" };
export const mainTable = 254;
export const localTable = 255;

/** What a number is called, or the number itself. */
export function nameOf(names: Readonly<Record<number, string>>, number: number): string {
  return names[number] ?? String(number);
}

/** One way of a route that has several. */
export interface NextHop {
  readonly gateway: string;
  readonly linkIndex: number;
  readonly weight: number;
}

export interface RouteState {
  readonly family: Family;
  readonly type: string;
  /** Prefix length 0: the default route. */
  readonly destination: Prefix;
  /** Empty for a directly connected network; of the other family in rare cases (RTA_VIA). */
  readonly gateway: string;
  /** 0 where none is given: several next hops, blackhole. */
  readonly linkIndex: number;
  /** Preferred source address; empty for none. */
  readonly source: string;
  readonly metric: number;
  readonly table: number;
  readonly protocol: number;
  readonly scope: number;
  /** As ip(8) names them: "linkdown", "onlink", "dead" ... */
  readonly flags: readonly string[];
  /** 0: the link's. */
  readonly mtuBytes: number;
  readonly nextHops: readonly NextHop[];
}

/** "default" or the network. */
export function renderDestination({ address, prefixLength }: Omit<Prefix, "family">): string {
  if (prefixLength === 0) return "default";
  return prefixLength === (address.includes(":") ? 128 : 32) ? address : `${address}/${prefixLength}`;
}
