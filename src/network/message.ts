// rtnetlink messages as bytes: rtnetlink(7), linux/if_link.h, linux/rtnetlink.h. Pure and light to load, because the
// messages of a container's start are encoded here and sent by the native helper. Opens no socket, and knows of
// containers only that their link is made from inside their network namespace.
import { parseAddress } from "./address.ts";
import { groupsOfIpv6 } from "./canonical.ts";

/** Message types, linux/rtnetlink.h. */
export const messageType = { newLink: 16, delLink: 17, setLink: 19, newAddress: 20, newRoute: 24 } as const;

/** Flags of a request, linux/netlink.h. */
export const flag = { request: 0x1, ack: 0x4, replace: 0x100, exclusive: 0x200, create: 0x400 } as const;
const interfaceUp = 0x1; // IFF_UP
const nested = 0x8000; // NLA_F_NESTED
const familyIpv4 = 2; // AF_INET
const familyIpv6 = 10; // AF_INET6
const withoutDetection = 0x02; // IFA_F_NODAD

/** linux/if_link.h */
export const ifla = { address: 1, name: 3, mtu: 4, master: 10, linkinfo: 18, familySpec: 26, netNsFd: 28 } as const;
export const info = { kind: 1, data: 2, slaveKind: 4, slaveData: 5 } as const;
const vethPeer = 1; // VETH_INFO_PEER
const portHairpin = 4; // IFLA_BRPORT_MODE
const portIsolated = 33; // IFLA_BRPORT_ISOLATED

/** An attribute: bytes, or nested attributes. */
export interface Attribute {
  readonly type: number;
  readonly value: Uint8Array | readonly Attribute[];
}

/** Joins byte arrays. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Numbers in netlink are in the host's byte order. */
export function u32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

export function u16(value: number): Uint8Array {
  return new Uint8Array(Uint16Array.of(value).buffer);
}

/** A string with its final NUL. */
export function text(value: string): Uint8Array {
  return new TextEncoder().encode(`${value}\0`);
}

function padding(length: number): Uint8Array {
  return new Uint8Array(-length & 3);
}

/** One attribute, padded to four bytes (the length field does not count the padding). */
export function renderAttribute(attribute: Attribute): Uint8Array {
  const isBytes = attribute.value instanceof Uint8Array;
  const value = isBytes ? (attribute.value as Uint8Array) : join((attribute.value as readonly Attribute[]).map(renderAttribute));
  return join([u16(value.length + 4), u16(attribute.type | (isBytes ? 0 : nested)), value, padding(value.length)]);
}

/** nlmsghdr, body, attributes. The kernel answers with the given sequence number; the port is filled in by the kernel. */
export function renderMessage(type: number, flags: number, body: Uint8Array, attributes: readonly Attribute[], sequence = 1): Uint8Array {
  const payload = join([body, padding(body.length), ...attributes.map(renderAttribute)]);
  return join([u32(payload.length + 16), u16(type), u16(flags | flag.request | flag.ack), u32(sequence), u32(0), payload]);
}

/** struct ifinfomsg; `up` sets IFF_UP and leaves the other flags alone. */
export function linkBody(index: number, up: boolean): Uint8Array {
  const flags = up ? interfaceUp : 0;
  return join([u32(0), u32(index), u32(flags), u32(flags)]);
}

/** A link by index, or by name. */
export type LinkRef = { readonly index: number } | { readonly name: string };

function refIndex(link: LinkRef): number {
  return "index" in link ? link.index : 0;
}

function refAttributes(link: LinkRef): Attribute[] {
  return "name" in link ? [{ type: ifla.name, value: text(link.name) }] : [];
}

export interface VethSpec {
  /** Where the first end is made, if not in the network namespace of the socket. */
  readonly namespaceFd?: number;
  /** The end made in the network namespace of the socket. A fixed index lets later messages name it beforehand. */
  readonly name: string;
  readonly index: number;
  readonly mac: Uint8Array;
  readonly mtu: number;
  /** The other end, made in the network namespace that descriptor `peerNamespaceFd` of the sender refers to. */
  readonly peerName: string;
  /** A fixed index of the other end, for messages that can name it by nothing else. */
  readonly peerIndex?: number;
  readonly peerNamespaceFd?: number;
  /** Hardware address of the other end, 6 bytes; absent: the kernel's choice. */
  readonly peerMac?: Uint8Array;
}

/**
 * A veth pair, sent on a socket of the container's network namespace; the host's end is the peer. This way round
 * because only the end named first may be given an index (drivers/net/veth.c takes the peer's only together with it).
 */
export function vethAdd(spec: VethSpec): Uint8Array {
  const peer = join([
    linkBody(spec.peerIndex ?? 0, false),
    ...[
      { type: ifla.name, value: text(spec.peerName) },
      { type: ifla.mtu, value: u32(spec.mtu) },
      ...(spec.peerMac === undefined ? [] : [{ type: ifla.address, value: spec.peerMac }]),
      ...(spec.peerNamespaceFd === undefined ? [] : [{ type: ifla.netNsFd, value: u32(spec.peerNamespaceFd) }]),
    ].map(renderAttribute),
  ]);
  return renderMessage(messageType.newLink, flag.create | flag.exclusive, linkBody(spec.index, false), [
    { type: ifla.name, value: text(spec.name) },
    { type: ifla.address, value: spec.mac },
    { type: ifla.mtu, value: u32(spec.mtu) },
    ...(spec.namespaceFd === undefined ? [] : [{ type: ifla.netNsFd, value: u32(spec.namespaceFd) }]),
    {
      type: ifla.linkinfo,
      value: [
        { type: info.kind, value: text("veth") },
        { type: info.data, value: [{ type: vethPeer, value: peer }] },
      ],
    },
  ]);
}

/** A bridge with a fixed hardware address, so that it does not change as ports come and go. */
export function bridgeAdd(name: string, mac: Uint8Array, mtu?: number): Uint8Array {
  return renderMessage(messageType.newLink, flag.create | flag.exclusive, linkBody(0, false), [
    { type: ifla.name, value: text(name) },
    { type: ifla.address, value: mac },
    ...(mtu === undefined ? [] : [{ type: ifla.mtu, value: u32(mtu) }]),
    { type: ifla.linkinfo, value: [{ type: info.kind, value: text("bridge") }] },
  ]);
}

/** A link that gives back what is redirected to it (ifb): where incoming packets can wait. */
export function ifbAdd(name: string, index: number): Uint8Array {
  return renderMessage(messageType.newLink, flag.create | flag.exclusive, linkBody(index, false), [
    { type: ifla.name, value: text(name) },
    { type: ifla.linkinfo, value: [{ type: info.kind, value: text("ifb") }] },
  ]);
}

/** Sets IFF_UP. */
export function linkUp(link: LinkRef): Uint8Array {
  return renderMessage(messageType.newLink, 0, linkBody(refIndex(link), true), refAttributes(link));
}

/** Makes a link a port of the bridge with index `bridgeIndex` and sets IFF_UP, in this order. */
export function portAdd(link: LinkRef, bridgeIndex: number): Uint8Array {
  return renderMessage(messageType.newLink, 0, linkBody(refIndex(link), true), [
    ...refAttributes(link),
    { type: ifla.master, value: u32(bridgeIndex) },
  ]);
}

/** Lets a bridge port send a frame back where it came from (`bridge link set ... hairpin on`). */
export function hairpinOn(link: LinkRef): Uint8Array {
  return renderMessage(messageType.newLink, 0, linkBody(refIndex(link), false), [
    ...refAttributes(link),
    {
      type: ifla.linkinfo,
      value: [
        { type: info.slaveKind, value: text("bridge") },
        { type: info.slaveData, value: [{ type: portHairpin, value: Uint8Array.of(1) }] },
      ],
    },
  ]);
}

/** Keeps a bridge port from the other ports that are isolated (`bridge link set ... isolated on`); the bridge itself it reaches. */
export function isolatedOn(link: LinkRef): Uint8Array {
  return renderMessage(messageType.newLink, 0, linkBody(refIndex(link), false), [
    ...refAttributes(link),
    {
      type: ifla.linkinfo,
      value: [
        { type: info.slaveKind, value: text("bridge") },
        { type: info.slaveData, value: [{ type: portIsolated, value: Uint8Array.of(1) }] },
      ],
    },
  ]);
}

export function linkRemove(link: LinkRef): Uint8Array {
  return renderMessage(messageType.delLink, 0, linkBody(refIndex(link), false), refAttributes(link));
}

/** A link without an address of its own in IPv6: nothing is said and heard there until it is given one (`ip link set dev L addrgenmode none`). */
export function withoutLinkLocal(link: LinkRef): Uint8Array {
  const mode: Attribute = { type: 8, value: Uint8Array.of(1) }; // IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE
  return renderMessage(messageType.newLink, 0, linkBody(refIndex(link), false), [
    ...refAttributes(link),
    { type: ifla.familySpec, value: [{ type: familyIpv6, value: [mode] }] },
  ]);
}

/** The bytes of an address in network order. The caller has validated it. */
function addressBytes(address: string): Uint8Array {
  if (address.includes(":")) return Uint8Array.from(groupsOfIpv6(address).flatMap((group) => [group >>> 8, group & 255]));
  const value = parseAddress(address) ?? 0;
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

const familyOf = (address: string): number => (address.includes(":") ? familyIpv6 : familyIpv4);

/**
 * Adds an address: an IPv4 one with its broadcast address, as `ip address add A/P brd + dev L` does; an IPv6 one of use at once, as nobody
 * else is given it (`nodad`).
 */
export function addressAdd(linkIndex: number, address: string, prefixLength: number): Uint8Array {
  const body = join([Uint8Array.of(familyOf(address), prefixLength, 0, 0), u32(linkIndex)]);
  const value = addressBytes(address);
  const own: Attribute[] = [
    { type: 2, value }, // IFA_LOCAL
    { type: 1, value }, // IFA_ADDRESS
  ];
  if (address.includes(":")) {
    const attributes = [...own, { type: 8, value: u32(withoutDetection) }]; // IFA_FLAGS
    return renderMessage(messageType.newAddress, flag.create | flag.exclusive, body, attributes);
  }
  const hostBits = prefixLength === 0 ? 0xffffffff : ~(0xffffffff << (32 - prefixLength)) >>> 0;
  const broadcast = value.map((byte, index) => byte | ((hostBits >>> (8 * (3 - index))) & 255));
  return renderMessage(messageType.newAddress, flag.create | flag.exclusive, body, [
    ...own,
    ...(prefixLength < 31 ? [{ type: 4, value: broadcast }] : []), // IFA_BROADCAST
  ]);
}

/** The default route of the gateway's family, by a gateway that is reachable on a link; `replace`: in place of the one that may be there. */
export function defaultRouteAdd(gateway: string, linkIndex = 0, replace = false): Uint8Array {
  // struct rtmsg: family, dst_len, src_len, tos, table main, protocol boot, scope universe, type unicast, flags
  const body = join([Uint8Array.of(familyOf(gateway), 0, 0, 0, 254, 3, 0, 1), u32(0)]);
  return renderMessage(messageType.newRoute, flag.create | (replace ? flag.replace : flag.exclusive), body, [
    { type: 5, value: addressBytes(gateway) }, // RTA_GATEWAY
    ...(linkIndex === 0 ? [] : [{ type: 4, value: u32(linkIndex) }]), // RTA_OIF
  ]);
}

/** A default route by a link that needs no gateway: what is behind it is found by routing (ipvlan in mode l3). */
export function linkRouteAdd(family: "ipv4" | "ipv6", linkIndex: number, replace = false): Uint8Array {
  const [number, scope] = family === "ipv4" ? [familyIpv4, 253] : [familyIpv6, 0]; // RT_SCOPE_LINK, RT_SCOPE_UNIVERSE
  const body = join([Uint8Array.of(number, 0, 0, 0, 254, 3, scope, 1), u32(0)]);
  return renderMessage(messageType.newRoute, flag.create | (replace ? flag.replace : flag.exclusive), body, [
    { type: 4, value: u32(linkIndex) }, // RTA_OIF
  ]);
}

/** As an argument of the native helper's `netlink` operation. */
export function renderHex(message: Uint8Array): string {
  return Buffer.from(message.buffer, message.byteOffset, message.length).toString("hex");
}
