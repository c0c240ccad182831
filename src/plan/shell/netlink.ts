// rtnetlink messages of the native operation list read back as commands of ip(8). Knows the messages that src/network/message.ts
// writes: veth pairs, bridges, ports, addresses and default routes of both families; says nothing of others.
import { filterCommand } from "./netlink-filter.ts";
import { sublinkWords } from "./netlink-sublink.ts";

const type = { newLink: 16, delLink: 17, newAddress: 20, newRoute: 24, newQdisc: 36, newFilter: 44 } as const;
const createFlag = 0x400; // NLM_F_CREATE
const replaceFlag = 0x100; // NLM_F_REPLACE
const upFlag = 0x1; // IFF_UP
const [familyIpv4, familyIpv6] = [2, 10]; // AF_INET, AF_INET6
/** linux/if_link.h: IFLA_* */
const ifla = { address: 1, name: 3, mtu: 4, master: 10, linkinfo: 18, familySpec: 26, netNsFd: 28 } as const;
const info = { kind: 1, data: 2, slaveKind: 4, slaveData: 5 } as const;
const headerBytes = 16;
const linkBodyBytes = 16;
const routeBodyBytes = 12;
const addressBodyBytes = 8;
const trafficBodyBytes = 20;

type Attributes = ReadonlyMap<number, DataView>;

/** What messages refer to by number. */
export interface NetlinkNames {
  /** Name of the link with an index; links that the messages make are added. */
  readonly links: Map<number, string>;
  /** Path of the network namespace open at a descriptor. */
  readonly namespaces: ReadonlyMap<number, string>;
}

/** The words of one ip command per message; undefined where a message is not understood or malformed. */
export function parseNetlink(hex: string, names: NetlinkNames): readonly (readonly string[])[] | undefined {
  if (!/^([0-9a-f]{2})*$/i.test(hex)) return undefined;
  const bytes = Buffer.from(hex, "hex");
  const commands: string[][] = [];
  for (let at = 0; at < bytes.length; ) {
    const left = bytes.length - at;
    if (left < headerBytes) return undefined;
    const length = new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0, true);
    if (length < headerBytes || length > left) return undefined;
    const command = commandOf(new DataView(bytes.buffer, bytes.byteOffset + at, length), names);
    if (!command) return undefined;
    commands.push(command);
    at += (length + 3) & ~3;
  }
  return commands.length > 0 ? commands : undefined;
}

function commandOf(message: DataView, names: NetlinkNames): string[] | undefined {
  const flags = message.getUint16(6, true);
  switch (message.getUint16(4, true)) {
    case type.newLink:
      return linkCommand(message, (flags & createFlag) !== 0, names);
    case type.delLink: {
      const link = linkOf(message, names);
      return link === undefined ? undefined : ["ip", "link", "del", "dev", link];
    }
    case type.newAddress:
      return addressCommand(message, names);
    case type.newRoute:
      return routeCommand(message, (flags & replaceFlag) !== 0, names);
    case type.newQdisc:
    case type.newFilter:
      return trafficCommand(message, names);
    default:
      return undefined;
  }
}

function linkOf(message: DataView, names: NetlinkNames): string | undefined {
  if (message.byteLength < headerBytes + linkBodyBytes) return undefined;
  const name = attributesOf(message, headerBytes + linkBodyBytes)?.get(ifla.name);
  return name ? textOf(name) : names.links.get(message.getInt32(headerBytes + 4, true));
}

function linkCommand(message: DataView, create: boolean, names: NetlinkNames): string[] | undefined {
  if (message.byteLength < headerBytes + linkBodyBytes) return undefined;
  const attributes = attributesOf(message, headerBytes + linkBodyBytes);
  const link = linkOf(message, names);
  if (!attributes || link === undefined) return undefined;
  const linkinfo = nested(attributes.get(ifla.linkinfo));
  if (create) return createCommand(link, message.getInt32(headerBytes + 4, true), attributes, linkinfo, names);
  const generation = nested(nested(attributes.get(ifla.familySpec))?.get(familyIpv6))?.get(8); // IFLA_INET6_ADDR_GEN_MODE
  if (generation) return generation.getUint8(0) === 1 ? ["ip", "link", "set", "dev", link, "addrgenmode", "none"] : undefined;
  const slave = linkinfo?.get(info.slaveData);
  if (slave) {
    const words = [...(nested(slave) ?? [])].map(([type, value]) => portWords(type, value));
    return words.includes(undefined)
      ? undefined
      : ["ip", "link", "set", "dev", link, "type", "bridge_slave", ...words.flatMap((pair) => pair ?? [])];
  }
  const snooping = nested(linkinfo?.get(info.data))?.get(23); // IFLA_BR_MCAST_SNOOPING
  if (snooping) return ["ip", "link", "set", "dev", link, "type", "bridge", "mcast_snooping", `${snooping.getUint8(0)}`];
  const master = attributes.get(ifla.master);
  const bridge = master && names.links.get(number(master));
  if (master && bridge === undefined) return undefined;
  const up = (message.getUint32(headerBytes + 8, true) & upFlag) !== 0;
  return ["ip", "link", "set", "dev", link, ...(bridge === undefined ? [] : ["master", bridge]), ...(up ? ["up"] : [])];
}

/** IFLA_BRPORT_* as ip-link(8) calls them. */
function portWords(type: number, value: DataView): readonly string[] | undefined {
  const option = { 4: "hairpin", 27: "mcast_flood", 30: "bcast_flood" }[type];
  return option === undefined ? undefined : [option, value.getUint8(0) ? "on" : "off"];
}

function createCommand(
  link: string,
  index: number,
  attributes: Attributes,
  linkinfo: Attributes | undefined,
  names: NetlinkNames,
): string[] | undefined {
  const kind = linkinfo?.get(info.kind);
  if (!kind) return undefined;
  const words = [...placeWords(attributes, names), ...settingWords(attributes), "type", textOf(kind)];
  if (index > 0) names.links.set(index, link);
  const start = ["ip", "link", "add", "name", link, ...(index > 0 ? ["index", `${index}`] : [])];
  const parent = attributes.get(5); // IFLA_LINK
  if (parent) {
    const [on, mode] = [names.links.get(number(parent)), sublinkWords(textOf(kind), nested(linkinfo?.get(info.data)))];
    return on === undefined || !mode ? undefined : ["ip", "link", "add", "link", on, ...start.slice(3), ...words, ...mode];
  }
  if (textOf(kind) !== "veth") return [...start, ...words];
  const peer = nested(linkinfo?.get(info.data))?.get(1); // VETH_INFO_PEER: struct ifinfomsg, then attributes
  const ends = peer && attributesOf(peer, linkBodyBytes);
  const name = ends?.get(ifla.name);
  if (!peer || !ends || !name) return undefined;
  const peerIndex = peer.getInt32(4, true);
  if (peerIndex > 0) names.links.set(peerIndex, textOf(name));
  const second = ["peer", "name", textOf(name), ...(peerIndex > 0 ? ["index", `${peerIndex}`] : [])];
  return [...start, ...words, ...second, ...settingWords(ends), ...placeWords(ends, names)];
}

function settingWords(attributes: Attributes): string[] {
  const [mac, mtu] = [attributes.get(ifla.address), attributes.get(ifla.mtu)];
  return [...(mac ? ["address", bytesOf(mac).map(hexByte).join(":")] : []), ...(mtu ? ["mtu", `${number(mtu)}`] : [])];
}

function placeWords(attributes: Attributes, names: NetlinkNames): string[] {
  const descriptor = attributes.get(ifla.netNsFd);
  const path = descriptor && names.namespaces.get(number(descriptor));
  return path === undefined ? [] : ["netns", path];
}

function addressCommand(message: DataView, names: NetlinkNames): string[] | undefined {
  const start = headerBytes + addressBodyBytes;
  if (message.byteLength < start) return undefined;
  const attributes = attributesOf(message, start);
  const [local, broadcast, flags] = [attributes?.get(2), attributes?.get(4), attributes?.get(8)]; // IFA_LOCAL, _BROADCAST, _FLAGS
  const link = names.links.get(message.getUint32(headerBytes + 4, true));
  const text = local && addressText(local, message.getUint8(headerBytes));
  if (text === undefined || link === undefined) return undefined;
  const address = `${text}/${message.getUint8(headerBytes + 1)}`;
  const undetected = flags && (number(flags) & 0x02) !== 0 ? ["nodad"] : []; // IFA_F_NODAD
  return ["ip", "address", "add", address, ...(broadcast ? ["broadcast", bytesOf(broadcast).join(".")] : []), "dev", link, ...undetected];
}

/** A default route alone. */
function routeCommand(message: DataView, replace: boolean, names: NetlinkNames): string[] | undefined {
  const start = headerBytes + routeBodyBytes;
  if (message.byteLength < start || message.getUint8(headerBytes + 1) !== 0) return undefined;
  const attributes = attributesOf(message, start);
  const [gateway, out] = [attributes?.get(5), attributes?.get(4)]; // RTA_GATEWAY, RTA_OIF
  const family = message.getUint8(headerBytes);
  const via = gateway && addressText(gateway, family);
  const link = out && names.links.get(number(out));
  if ((gateway ? via : link) === undefined || (out && link === undefined)) return undefined;
  const version = family === familyIpv6 ? ["-6"] : [];
  return [
    "ip",
    ...version,
    "route",
    replace ? "replace" : "add",
    "default",
    ...(via === undefined ? [] : ["via", via]),
    ...(link === undefined ? [] : ["dev", link]),
  ];
}

/** Undefined where the length is not the family's. */
function addressText(bytes: DataView, family: number): string | undefined {
  if (family === familyIpv4 && bytes.byteLength === 4) return bytesOf(bytes).join(".");
  if (family !== familyIpv6 || bytes.byteLength !== 16) return undefined;
  const groups = Array.from({ length: 8 }, (_, at) => bytes.getUint16(2 * at).toString(16));
  return groups.join(":").replace(/(^|:)0(:0)+(:|$)/, "::");
}

/** struct tcmsg, then attributes: TCA_KIND, TCA_OPTIONS. */
function trafficCommand(message: DataView, names: NetlinkNames): string[] | undefined {
  const start = headerBytes + trafficBodyBytes;
  if (message.byteLength < start) return undefined;
  const attributes = attributesOf(message, start);
  const [kind, link] = [attributes?.get(1), names.links.get(message.getInt32(headerBytes + 4, true))];
  if (!kind || link === undefined) return undefined;
  return filterCommand({
    newFilter: message.getUint16(4, true) === type.newFilter,
    link,
    info: message.getUint32(headerBytes + 16, true),
    kind: textOf(kind),
    options: nested(attributes?.get(2)),
    nested,
    linkName: (index) => names.links.get(index),
  });
}

/** Attributes by type without their flags; undefined when a length leads out of the bytes. */
function attributesOf(view: DataView, start: number): Attributes | undefined {
  const attributes = new Map<number, DataView>();
  for (let at = start; at < view.byteLength; ) {
    if (view.byteLength - at < 4) return undefined;
    const length = view.getUint16(at, true);
    if (length < 4 || length > view.byteLength - at) return undefined;
    attributes.set(view.getUint16(at + 2, true) & 0x3fff, new DataView(view.buffer, view.byteOffset + at + 4, length - 4));
    at += (length + 3) & ~3;
  }
  return attributes;
}

const nested = (view: DataView | undefined): Attributes | undefined => view && attributesOf(view, 0);
const number = (view: DataView): number => (view.byteLength >= 4 ? view.getUint32(0, true) : -1);
const bytesOf = (view: DataView): number[] => [...new Uint8Array(view.buffer, view.byteOffset, view.byteLength)];
const textOf = (view: DataView): string => Buffer.from(bytesOf(view)).toString("utf8").replace(/\0.*$/s, "");
const hexByte = (byte: number): string => byte.toString(16).padStart(2, "0");
