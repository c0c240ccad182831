// Changes and lists links, addresses, routes, neighbours over rtnetlink, with the sockets of the `netlink` package and our
// own encoder (its codec takes no bridge or veth attributes). Slow to load, so off the path of run, exec and ps.
import { getSystemErrorName } from "node:util";
import type { ifla, RtNetlinkSocket, rt } from "netlink";
import { isErrno, KernelError, TsnsError } from "../../base/error.ts";
import { renderAddress } from "../../network/address.ts";
import { parseMac, renderMac } from "../../network/mac.ts";
import * as message from "../../network/message.ts";
import { parseAttributes, parseNumber, parseText } from "./decode.ts";
import { readLinkIndex, readLinkMac } from "./sysfs.ts";

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
  readonly port?: { readonly state: PortState; readonly hairpin: boolean };
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

/** Opens a socket of the current network namespace for `body`; closed after. */
async function withSocket<T>(body: (socket: RtNetlinkSocket) => Promise<T>): Promise<T> {
  const { createRtNetlink } = await import("netlink");
  let socket: RtNetlinkSocket;
  try {
    socket = createRtNetlink();
  } catch (error) {
    throw new TsnsError("unavailable", "netlink-socket", "cannot open a netlink socket", { cause: error });
  }
  try {
    return await body(socket);
  } finally {
    socket.socket.close();
  }
}

/** Sends one encoded message; throws KernelError with the kernel's errno. */
function send(bytes: Uint8Array, verb: string, target: string): Promise<void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return withSocket(async ({ socket }) => {
    const [type, flags] = [parseNumber(bytes.subarray(4, 6)) ?? 0, parseNumber(bytes.subarray(6, 8)) ?? 0];
    const [replies] = await socket.request(type, bytes.subarray(16, view.byteLength), { flags, checkError: false });
    const errno = replies[0]?.type === 2 ? new DataView(replies[0].data.buffer, replies[0].data.byteOffset).getInt32(0, true) : 0;
    if (errno === 0) return;
    const name = getSystemErrorName(errno);
    throw new KernelError(verb, name, target, name === "EPERM" ? { hint: "run as root" } : {});
  });
}

/** Adds a bridge; one of that name and hardware address that is there already is kept. Throws KernelError. */
export async function addBridge(name: string, mac: string): Promise<void> {
  const bytes = parseMac(mac);
  if (!bytes) throw new TsnsError("internal", "bad-mac", `"${mac}" is no hardware address`);
  try {
    await send(message.bridgeAdd(name, bytes), "add bridge", name);
  } catch (error) {
    if (!(error instanceof KernelError && error.errno === "EEXIST" && readLinkMac(name) === mac.toLowerCase())) throw error;
  }
}

/** Sets IFF_UP. Throws KernelError. */
export async function setLinkUp(name: string): Promise<void> {
  await send(message.linkUp({ name }), "set link up", name);
}

/** Adds `10.1.2.1/24` to a link; one that is there already is kept. Throws KernelError. */
export async function addAddress(link: string, address: string): Promise<void> {
  const [ip = "", prefix = ""] = address.split("/");
  const index = readLinkIndex(link);
  if (index === undefined) throw new KernelError("add address", "ENODEV", link);
  try {
    await send(message.addressAdd(index, ip, Number(prefix)), "add address", `${address} to ${link}`);
  } catch (error) {
    if (!(error instanceof KernelError && error.errno === "EEXIST")) throw error;
  }
}

/** Removes a link; a missing one is no error. Throws KernelError. */
export async function removeLink(name: string): Promise<void> {
  try {
    await send(message.linkRemove({ name }), "remove link", name);
  } catch (error) {
    if (!(error instanceof KernelError && error.errno === "ENODEV")) throw error;
  }
}

/** All links of the current network namespace. */
export async function readLinks(): Promise<readonly Link[]> {
  const links = await dump((socket) => socket.getLinks());
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
    ...(port ? { port: { state: portStates[parseNumber(port.get(1)) ?? 0] ?? "disabled", hairpin: parseNumber(port.get(4)) === 1 } } : {}),
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

async function dump<T>(read: (socket: RtNetlinkSocket) => Promise<T>): Promise<T> {
  try {
    return await withSocket(read);
  } catch (error) {
    if (error instanceof TsnsError || !isErrno(error, "EPERM", "EACCES")) throw error;
    throw new TsnsError("denied", "netlink-denied", "cannot list links", { hint: "run as root", cause: error });
  }
}
