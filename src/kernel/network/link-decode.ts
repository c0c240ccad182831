// RTM_NEWLINK and RTM_NEWADDR of any namespace as values: linux/if_link.h, linux/if_addr.h. Pure; takes any bytes.
import { littleEndian } from "../../base/byte-order.ts";
import { addressOfBytes, family } from "../../network/link-address.ts";
import type { AddressState, LinkDetail } from "../../network/link-detail.ts";
import { renderMac } from "../../network/mac.ts";
import { nameOf, scopes } from "../../network/route-state.ts";
import { parseAttributes, parseNumber, parseText } from "../netlink/decode.ts";
import { parseLink } from "../netlink/decode-link.ts";
import type { Reply } from "../netlink/relay.ts";

const newLink = 16; // RTM_NEWLINK
const newAddress = 20; // RTM_NEWADDR

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** ARPHRD_* of linux/if_arp.h, as ip(8) names them. */
const types: Readonly<Record<number, string>> = {
  1: "ether",
  512: "ppp",
  768: "ipip",
  769: "tunnel6",
  772: "loopback",
  776: "sit",
  778: "gre",
  823: "gre6",
  65534: "none",
};

/** IFF_* in the order ip(8) prints them; IFF_RUNNING (0x40) shows as the absence of NO-CARRIER. */
const linkFlags: readonly (readonly [bit: number, name: string])[] = [
  [0x8, "LOOPBACK"],
  [0x2, "BROADCAST"],
  [0x10, "POINTOPOINT"],
  [0x1000, "MULTICAST"],
  [0x80, "NOARP"],
  [0x200, "ALLMULTI"],
  [0x100, "PROMISC"],
  [0x400, "MASTER"],
  [0x800, "SLAVE"],
  [0x8000, "DYNAMIC"],
  [0x1, "UP"],
  [0x10000, "LOWER_UP"],
  [0x20000, "DORMANT"],
  [0x40000, "ECHO"],
];

const operationalStates = ["UNKNOWN", "NOTPRESENT", "DOWN", "LOWERLAYERDOWN", "TESTING", "DORMANT", "UP"] as const;

function flagsOf(bits: number): readonly string[] {
  const withoutCarrier = (bits & 0x1) !== 0 && (bits & 0x40) === 0;
  return [...(withoutCarrier ? ["NO-CARRIER"] : []), ...linkFlags.flatMap(([bit, name]) => ((bits & bit) === 0 ? [] : [name]))];
}

/** undefined for another message, or one too short. */
export function decodeLink({ type, data }: Reply): LinkDetail | undefined {
  const link = type === newLink ? parseLink(data) : undefined;
  if (!link) return undefined;
  const view = viewOf(data);
  const bits = view.getUint32(8, littleEndian);
  const attributes = parseAttributes(data.subarray(16));
  const number = (attribute: number) => parseNumber(attributes.get(attribute)) ?? 0;
  const text = (attribute: number) => parseText(attributes.get(attribute)) ?? "";
  return {
    ...link,
    type: nameOf(types, view.getUint16(2, littleEndian)),
    flags: flagsOf(bits),
    carrier: (bits & 0x10000) !== 0,
    state: operationalStates[number(16)] ?? String(number(16)),
    broadcast: renderMac(attributes.get(2) ?? new Uint8Array()),
    minimumMtu: number(50),
    maximumMtu: number(51),
    txQueueLength: number(13),
    promiscuous: (bits & 0x100) !== 0,
    promiscuity: number(30),
    alias: text(20),
    qdisc: text(6),
    peerElsewhere: attributes.has(37),
  };
}

/** IFA_F_* in the order ip(8) prints them. */
const addressFlags: readonly (readonly [bit: number, name: string])[] = [
  [0x01, "secondary"],
  [0x02, "nodad"],
  [0x04, "optimistic"],
  [0x08, "dadfailed"],
  [0x10, "home"],
  [0x20, "deprecated"],
  [0x40, "tentative"],
  [0x80, "permanent"],
  [0x100, "mngtmpaddr"],
  [0x200, "noprefixroute"],
  [0x400, "autojoin"],
];

const forever = 0xffffffff;

/** undefined for another message, one too short, or one of another family. */
export function decodeAddress({ type, data }: Reply): AddressState | undefined {
  if (type !== newAddress || data.length < 8) return undefined;
  const view = viewOf(data);
  const which = view.getUint8(0);
  if (which !== family.ipv4 && which !== family.ipv6) return undefined;
  const attributes = parseAttributes(data.subarray(8));
  const local = addressOfBytes(attributes.get(2) ?? attributes.get(1));
  if (local === undefined) return undefined;
  const peer = addressOfBytes(attributes.get(1));
  const broadcast = addressOfBytes(attributes.get(4));
  const bits = parseNumber(attributes.get(8)) ?? view.getUint8(2);
  const life = attributes.get(6); // struct ifa_cacheinfo: preferred, valid ...
  const validSeconds = life && life.length >= 8 ? viewOf(life).getUint32(4, littleEndian) : forever;
  return {
    linkIndex: view.getUint32(4, littleEndian),
    family: which,
    address: local,
    prefixLength: view.getUint8(1),
    ...(peer !== undefined && peer !== local ? { peer } : {}),
    ...(broadcast === undefined ? {} : { broadcast }),
    scope: nameOf(scopes, view.getUint8(3)),
    label: parseText(attributes.get(3)) ?? "",
    flags: [
      ...addressFlags.flatMap(([bit, name]) => ((bits & bit) === 0 ? [] : [which === family.ipv6 && bit === 1 ? "temporary" : name])),
      ...((bits & 0x80) === 0 ? ["dynamic"] : []),
    ],
    ...(validSeconds === forever ? {} : { validSeconds }),
  };
}
