// rtnetlink messages that give a container's link its addresses and default routes, of both families. Pure.
import { bytesOfAddress, family, familyOf } from "./link-address.ts";
import {
  type Attribute,
  flag,
  ifla,
  join,
  type LinkRef,
  linkBody,
  messageType,
  refAttributes,
  refIndex,
  renderMessage,
  u32,
} from "./message.ts";
import { prefixAdd } from "./message-address.ts";

/** A link without an address of its own in IPv6: nothing is said and heard there until it is given one (`ip link set dev L addrgenmode none`). */
export function withoutLinkLocal(link: LinkRef): Uint8Array {
  const mode: Attribute = { type: 8, value: Uint8Array.of(1) }; // IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE
  return renderMessage(messageType.newLink, 0, linkBody(refIndex(link), false), [
    ...refAttributes(link),
    { type: ifla.familySpec, value: [{ type: family.ipv6, value: [mode] }] },
  ]);
}

/**
 * Adds an address: an IPv4 one with its broadcast address, as `ip address add A/P brd + dev L` does; an IPv6 one of use at once, as nobody
 * else is given it (`nodad`).
 */
export function addressAdd(linkIndex: number, address: string, prefixLength: number): Uint8Array {
  const which = familyOf(address);
  return prefixAdd(linkIndex, { family: which, address, prefixLength }, which === family.ipv4);
}

/** The default route of the gateway's family, by a gateway that is reachable on a link; `replace`: in place of the one that may be there. */
export function defaultRouteAdd(gateway: string, linkIndex = 0, replace = false): Uint8Array {
  // struct rtmsg: family, dst_len, src_len, tos, table main, protocol boot, scope universe, type unicast, flags
  const body = join([Uint8Array.of(familyOf(gateway), 0, 0, 0, 254, 3, 0, 1), u32(0)]);
  return renderMessage(messageType.newRoute, flag.create | (replace ? flag.replace : flag.exclusive), body, [
    { type: 5, value: bytesOfAddress(gateway) }, // RTA_GATEWAY
    ...(linkIndex === 0 ? [] : [{ type: 4, value: u32(linkIndex) }]), // RTA_OIF
  ]);
}

/** A default route by a link that needs no gateway: what is behind it is found by routing (ipvlan in mode l3). */
export function linkRouteAdd(which: "ipv4" | "ipv6", linkIndex: number, replace = false): Uint8Array {
  const [number, scope] = which === "ipv4" ? [family.ipv4, 253] : [family.ipv6, 0]; // RT_SCOPE_LINK, RT_SCOPE_UNIVERSE
  const body = join([Uint8Array.of(number, 0, 0, 0, 254, 3, scope, 1), u32(0)]);
  return renderMessage(messageType.newRoute, flag.create | (replace ? flag.replace : flag.exclusive), body, [
    { type: 4, value: u32(linkIndex) }, // RTA_OIF
  ]);
}
