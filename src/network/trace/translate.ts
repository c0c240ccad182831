// Address translation as connection tracking keeps it: what a rule's target makes of the first packet, and how answers are turned
// back. One record per namespace. Knows no tables.
import type { IpFamily } from "../../plan/rule.ts";
import type { IpAddress } from "../rule/address.ts";
import type { Rewrite, RuleTarget } from "../rule/target.ts";
import { type AddressSet, setOfAddress } from "./address-set.ts";
import type { Packet } from "./packet.ts";
import { linkByName, type Space } from "./space.ts";

export interface Ends {
  readonly address: AddressSet;
  readonly port: number | undefined;
}

export interface Change {
  readonly from: Ends;
  readonly to: Ends;
}

/** What a namespace remembers of the connection. */
export interface Tracked {
  destination?: Change;
  source?: Change;
}

export type Translated =
  | { readonly packet: Packet; readonly change: Change; readonly side: "source" | "destination" }
  | { readonly unknown: string };

type TranslateTarget = Extract<RuleTarget, { kind: "dnat" | "snat" | "masquerade" | "redirect" }>;

/** The first packet after a rule of nat. `nextHop`: for masquerading, which takes the address nearest to it. */
export function translate(space: Space, packet: Packet, target: TranslateTarget, nextHop: IpAddress | undefined): Translated {
  switch (target.kind) {
    case "dnat":
      return toDestination(packet, target.to);
    case "redirect": {
      const own = packet.in === undefined ? loopbackOf(packet.family) : addressOn(space, packet.in, packet.family, undefined);
      if (!own) return { unknown: `link ${packet.in} has no address to redirect to` };
      return toDestination(packet, { address: { from: own, to: own }, ...(target.ports ? { ports: target.ports } : {}) });
    }
    case "snat":
      return toSource(packet, target.to);
    case "masquerade": {
      const own = packet.out === undefined ? undefined : addressOn(space, packet.out, packet.family, nextHop);
      if (!own) return { unknown: `link ${packet.out} has no address to masquerade with` };
      return toSource(packet, { address: { from: own, to: own } });
    }
  }
}

function loopbackOf(family: IpFamily): IpAddress {
  return family === "ipv4" ? { family, value: 0x7f000001n } : { family, value: 1n };
}

/** The address of a link in the same network as the next hop, else its first. */
function addressOn(space: Space, link: string, family: IpFamily, nextHop: IpAddress | undefined): IpAddress | undefined {
  const index = linkByName(space, link)?.index;
  const own = space.addresses.filter((address) => address.link === index && address.ip.family === family);
  const bits = family === "ipv4" ? 32n : 128n;
  const near = own.find(({ ip, prefixLength }) => nextHop && (ip.value ^ nextHop.value) >> (bits - BigInt(prefixLength)) === 0n);
  return (near ?? own[0])?.ip;
}

function toDestination(packet: Packet, to: Rewrite): Translated {
  const from: Ends = { address: packet.destination, port: packet.destinationPort };
  const address = rewriteAddress(packet.destination, to);
  if (!address) return { unknown: "the rule chooses among several addresses" };
  const port = rewritePort(packet.destinationPort, to);
  if (port === "any") return { unknown: "the rule chooses among several ports" };
  return {
    side: "destination",
    change: { from, to: { address, port } },
    packet: { ...packet, destination: address, destinationPort: port, dnat: true },
  };
}

function toSource(packet: Packet, to: Rewrite): Translated {
  const from: Ends = { address: packet.source, port: packet.sourcePort };
  const address = rewriteAddress(packet.source, to);
  if (!address) return { unknown: "the rule chooses among several addresses" };
  return {
    side: "source",
    change: { from, to: { address, port: packet.sourcePort } },
    packet: { ...packet, source: address, snat: true },
  };
}

function rewriteAddress(old: AddressSet, { address }: Rewrite): AddressSet | undefined {
  if (!address) return old;
  return address.from.value === address.to.value ? setOfAddress(address.from) : undefined;
}

function rewritePort(port: number | undefined, { ports, basePort }: Rewrite): number | undefined | "any" {
  if (!ports) return port;
  const [from, to] = ports;
  if (basePort !== undefined && port !== undefined) return from + (port - basePort);
  if (from === to) return from;
  // A port within the range is kept (nf_nat_core.c: get_unique_tuple).
  return port !== undefined && port >= from && port <= to ? port : "any";
}

const same = (one: AddressSet, other: AddressSet): boolean => one.label === other.label;

/** An answer's destination turned back, at PREROUTING and OUTPUT. */
export function restoreDestination(packet: Packet, tracked: Tracked | undefined): Packet {
  const change = tracked?.source;
  if (!change || packet.state === "UNTRACKED" || !same(packet.destination, change.to.address)) return packet;
  return { ...packet, destination: change.from.address, destinationPort: change.from.port };
}

/** An answer's source turned back, at INPUT and POSTROUTING. */
export function restoreSource(packet: Packet, tracked: Tracked | undefined): Packet {
  const change = tracked?.destination;
  if (!change || packet.state === "UNTRACKED" || !same(packet.source, change.to.address)) return packet;
  return { ...packet, source: change.from.address, sourcePort: change.from.port };
}

export function renderEnds({ address, port }: Ends): string {
  const label = address.family === "ipv6" && address.label.includes(":") ? `[${address.label}]` : address.label;
  return port === undefined ? label : `${label}:${port}`;
}
