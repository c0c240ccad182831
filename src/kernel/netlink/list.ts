// Lists links, addresses, routes, neighbours and forwarding tables over rtnetlink. The `netlink` package decodes the messages; what it
// leaves as bytes (IFLA_LINKINFO) is decoded here.
import type { ifla, rt } from "netlink";
import { renderAddress } from "../../network/address.ts";
import { renderMac } from "../../network/mac.ts";
import { parseAttributes, parseNumber, parseText } from "./decode.ts";
import { dump } from "./socket.ts";

/** A link as the kernel lists it; numbers are interface indices, 0 or absent for none. */
export interface Link {
  readonly index: number;
  readonly name: string;
  /** "bridge", "veth", "vlan" ...; empty for hardware and loopback. */
  readonly kind: string;
  readonly mac: string;
  readonly mtu: number;
  readonly up: boolean;
  /** IF_OPER_*, RFC 2863: 6 is up. */
  readonly operationalState: number;
  readonly master?: number;
  /** The veth peer's or the lower link's index, in the namespace `peerNamespaceId` if that is given, else in this one. */
  readonly peerIndex?: number;
  /** Id this network namespace has for the peer's (ip-netns(8)). */
  readonly peerNamespaceId?: number;
  readonly bridge?: { readonly id: string; readonly stp: boolean };
  /** As a port: its STP state, Documentation/networking/bridge.rst. */
  readonly port?: { readonly number: number; readonly state: PortState; readonly hairpin: boolean };
}

export type PortState = "disabled" | "listening" | "learning" | "forwarding" | "blocking";
const portStates: readonly PortState[] = ["disabled", "listening", "learning", "forwarding", "blocking"];

export interface LinkAddress {
  readonly linkIndex: number;
  readonly address: string;
  readonly prefixLength: number;
}

export interface Neighbour {
  readonly linkIndex: number;
  /** IPv4 address, empty in entries of a bridge's forwarding table. */
  readonly address: string;
  readonly mac: string;
}

/** All links of the current network namespace, or of the one it has given an id (ip-netns(8); Linux 4.19). */
export async function readLinks(namespaceId?: number): Promise<readonly Link[]> {
  const target = namespaceId === undefined ? {} : { targetNetnsid: namespaceId };
  const links = await dump((socket) => socket.getLinks({}, target));
  return links.map((link) => linkOf(link.data, link.attrs));
}

function linkOf(data: rt.Link, attrs: ifla.LinkAttrs): Link {
  const info = parseAttributes(attrs.linkinfo ?? new Uint8Array());
  const kind = parseText(info.get(1)) ?? "";
  const bridge = kind === "bridge" ? parseAttributes(info.get(2) ?? new Uint8Array()) : undefined;
  const port = parseText(info.get(4)) === "bridge" ? parseAttributes(info.get(5) ?? new Uint8Array()) : undefined;
  const peerIndex = parseNumber(attrs.link);
  return {
    index: data.index ?? 0,
    name: attrs.ifname ?? "",
    kind,
    mac: renderMac(attrs.address ?? new Uint8Array()),
    mtu: attrs.mtu ?? 0,
    up: data.flags?.up === true,
    operationalState: attrs.operstate ?? 0,
    ...(attrs.master ? { master: attrs.master } : {}),
    ...(peerIndex ? { peerIndex } : {}),
    ...(attrs.linkNetnsid === undefined ? {} : { peerNamespaceId: attrs.linkNetnsid }),
    ...(bridge ? { bridge: { id: bridgeId(bridge.get(11)), stp: (parseNumber(bridge.get(5)) ?? 0) !== 0 } } : {}),
    ...(port ? { port: portOf(port) } : {}),
  };
}

/** IFLA_BRPORT_*, linux/if_link.h. */
function portOf(attributes: ReadonlyMap<number, Uint8Array>): NonNullable<Link["port"]> {
  return {
    number: parseNumber(attributes.get(18)) ?? 0,
    state: portStates[parseNumber(attributes.get(1)) ?? 0] ?? "disabled",
    hairpin: parseNumber(attributes.get(4)) === 1,
  };
}

/** struct ifla_bridge_id as brctl shows it: priority, dot, hardware address. */
function bridgeId(bytes: Uint8Array | undefined): string {
  const hex = renderMac(bytes ?? new Uint8Array(8)).replaceAll(":", "");
  return `${hex.slice(0, 4)}.${hex.slice(4)}`;
}

/** IPv4 addresses of all links. */
export async function readAddresses(): Promise<readonly LinkAddress[]> {
  const addresses = await dump((socket) => socket.getAddresses({ family: 2 }));
  return addresses.map(({ data, attrs }) => ({
    linkIndex: data.index ?? 0,
    address: renderBytes(attrs.local ?? attrs.address),
    prefixLength: data.prefixlen ?? 0,
  }));
}

export interface LinkRoute {
  readonly linkIndex: number;
  /** "0.0.0.0" with prefix length 0 for a default route. */
  readonly destination: string;
  readonly prefixLength: number;
  /** Empty for a directly connected network. */
  readonly gateway: string;
}

/** IPv4 unicast routes of the main table. */
export async function readLinkRoutes(): Promise<readonly LinkRoute[]> {
  const routes = await dump((socket) => socket.getRoutes({ family: 2 }));
  return routes
    .filter(({ data, attrs }) => (attrs.table ?? data.table) === 254)
    .map(({ data, attrs }) => ({
      linkIndex: attrs.oif ?? 0,
      destination: renderBytes(attrs.dst) || "0.0.0.0",
      prefixLength: data.dstLen ?? 0,
      gateway: renderBytes(attrs.gateway),
    }));
}

/** IPv4 neighbours (ARP). */
export async function readNeighbours(): Promise<readonly Neighbour[]> {
  return neighboursOf(await dump((socket) => socket.getNeighbors({ family: 2 })));
}

/** Forwarding tables of all bridges (AF_BRIDGE). */
export async function readForwarding(): Promise<readonly Neighbour[]> {
  return neighboursOf(await dump((socket) => socket.getNeighbors({ family: 7 })));
}

function neighboursOf(entries: readonly rt.NeighborMessage[]): readonly Neighbour[] {
  return entries.map(({ data, attrs }) => ({
    linkIndex: data.ifindex ?? 0,
    address: renderBytes(attrs.dst),
    mac: renderMac(attrs.lladdr ?? new Uint8Array()),
  }));
}

function renderBytes(bytes: Uint8Array | undefined): string {
  if (bytes?.length !== 4) return "";
  return renderAddress(new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0));
}
