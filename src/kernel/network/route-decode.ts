// RTM_NEWROUTE as values: linux/rtnetlink.h. Pure; takes any bytes.
import { littleEndian } from "../../base/byte-order.ts";
import { addressOfBytes, family } from "../../network/link-address.ts";
import { type NextHop, type RouteState, routeTypes } from "../../network/route-state.ts";
import { parseAttributes, parseNumber } from "../netlink/decode.ts";
import type { Reply } from "../netlink/relay.ts";

const newRoute = 24; // RTM_NEWROUTE
const cloned = 0x200; // RTM_F_CLONED: an entry of the cache, no route

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** RTNH_F_* and RTM_F_* as ip(8) prints them. */
const routeFlags: readonly (readonly [bit: number, name: string])[] = [
  [1, "dead"],
  [4, "onlink"],
  [2, "pervasive"],
  [8, "offload"],
  [16, "linkdown"],
  [32, "unresolved"],
];

/** RTA_GATEWAY, or RTA_VIA: a family of two bytes and the address. */
function gatewayOf(attributes: ReadonlyMap<number, Uint8Array>): string {
  return addressOfBytes(attributes.get(5)) ?? addressOfBytes(attributes.get(18)?.subarray(2)) ?? "";
}

/** struct rtnexthop, one after the other: length, flags, hops (weight - 1), link, attributes. */
function nextHopsOf(bytes: Uint8Array | undefined): readonly NextHop[] {
  const hops: NextHop[] = [];
  for (let at = 0; bytes && at + 8 <= bytes.length; ) {
    const view = viewOf(bytes.subarray(at));
    const length = view.getUint16(0, littleEndian);
    if (length < 8 || at + length > bytes.length) break;
    const gateway = gatewayOf(parseAttributes(bytes.subarray(at + 8, at + length)));
    hops.push({ gateway, linkIndex: view.getUint32(4, littleEndian), weight: view.getUint8(3) + 1 });
    at += (length + 3) & ~3;
  }
  return hops;
}

/** undefined for another message, one too short, an entry of the cache, or one of another family. */
export function decodeRoute({ type, data }: Reply): RouteState | undefined {
  const route = decodeAnyRoute({ type, data });
  return route && (viewOf(data).getUint32(8, littleEndian) & cloned) !== 0 ? undefined : route;
}

/** As decodeRoute, with what RTM_GETROUTE answers for one destination. */
export function decodeAnyRoute({ type, data }: Reply): RouteState | undefined {
  if (type !== newRoute || data.length < 12) return undefined;
  const view = viewOf(data);
  const which = view.getUint8(0);
  if (which !== family.ipv4 && which !== family.ipv6) return undefined;
  const attributes = parseAttributes(data.subarray(12));
  const bits = view.getUint32(8, littleEndian);
  const number = (attribute: number) => parseNumber(attributes.get(attribute)) ?? 0;
  const any = which === family.ipv4 ? "0.0.0.0" : "::";
  return {
    family: which,
    type: routeTypes[view.getUint8(7)] ?? String(view.getUint8(7)),
    destination: { family: which, address: addressOfBytes(attributes.get(1)) ?? any, prefixLength: view.getUint8(1) },
    gateway: gatewayOf(attributes),
    linkIndex: number(4),
    source: addressOfBytes(attributes.get(7)) ?? "",
    metric: number(6),
    table: number(15) || view.getUint8(4),
    protocol: view.getUint8(5),
    scope: view.getUint8(6),
    flags: routeFlags.flatMap(([bit, name]) => ((bits & bit) === 0 ? [] : [name])),
    mtuBytes: parseNumber(parseAttributes(attributes.get(8) ?? new Uint8Array()).get(2)) ?? 0,
    nextHops: nextHopsOf(attributes.get(9)),
  };
}
