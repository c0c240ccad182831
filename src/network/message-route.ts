// rtnetlink messages for routes of both families, rtnetlink(7). Pure.
import { TsnsError } from "../base/error.ts";
import type { RouteSpec } from "../plan/step/link.ts";
import { bytesOfAddress, family, familyOf, type Prefix, parsePrefix } from "./link-address.ts";
import { type Attribute, flag, join, messageType, renderMessage, u16, u32 } from "./message.ts";
import { mainTable, routeTypes } from "./route-state.ts";

const type = { remove: 25, get: 26 } as const; // RTM_DELROUTE, RTM_GETROUTE
const rta = { destination: 1, link: 4, gateway: 5, metric: 6, source: 7, metrics: 8, table: 15, via: 18 } as const;
const metricMtu = 2; // RTAX_MTU
const onlink = 4; // RTNH_F_ONLINK
const scope = { universe: 0, link: 253, host: 254, nowhere: 255 } as const;
const bootProtocol = 3; // RTPROT_BOOT: made by hand

interface RouteBody {
  readonly family: number;
  readonly prefixLength: number;
  readonly table?: number;
  readonly protocol?: number;
  readonly scope?: number;
  readonly type?: number;
  readonly flags?: number;
}

/** struct rtmsg; tables above 255 stand in an attribute alone. */
function routeBody({ family, prefixLength, table = 0, protocol = 0, scope = 0, type = 0, flags = 0 }: RouteBody): Uint8Array {
  return join([Uint8Array.of(family, prefixLength, 0, 0, table > 255 ? 0 : table, protocol, scope, type), u32(flags)]);
}

/** Routes of all tables and both families; send it as a dump. */
export function routeList(): Uint8Array {
  return renderMessage(type.get, 0, routeBody({ family: 0, prefixLength: 0 }), []);
}

/** Which route a packet to an address would take; answered with RTM_NEWROUTE. */
export function routeGet(to: Prefix, from?: string, linkIndex?: number): Uint8Array {
  return renderMessage(type.get, 0, routeBody({ family: to.family, prefixLength: to.prefixLength }), [
    { type: rta.destination, value: bytesOfAddress(to.address) },
    ...(from === undefined ? [] : [{ type: 2, value: bytesOfAddress(from) }]), // RTA_SRC
    ...(linkIndex === undefined ? [] : [{ type: rta.link, value: u32(linkIndex) }]),
  ]);
}

/** RTA_VIA where the gateway is of the other family: family and bytes. */
function gatewayAttribute(gateway: string | undefined, destination: Prefix): readonly Attribute[] {
  if (gateway === undefined) return [];
  const value = bytesOfAddress(gateway);
  const own = familyOf(gateway);
  return [own === destination.family ? { type: rta.gateway, value } : { type: rta.via, value: join([u16(own), value]) }];
}

/** Who makes the step has read the destination already. */
function destinationOf(route: RouteSpec): Prefix {
  const destination = parsePrefix(route.destination);
  if (!destination) throw new TsnsError("internal", "bad-route", `"${route.destination}" is no network`);
  return destination;
}

function attributesOf(route: RouteSpec, destination: Prefix, linkIndex: number): readonly Attribute[] {
  return [
    ...(destination.prefixLength === 0 ? [] : [{ type: rta.destination, value: bytesOfAddress(destination.address) }]),
    ...gatewayAttribute(route.gateway, destination),
    ...(linkIndex === 0 ? [] : [{ type: rta.link, value: u32(linkIndex) }]),
    ...(route.source === undefined ? [] : [{ type: rta.source, value: bytesOfAddress(route.source) }]),
    ...(route.metric === undefined ? [] : [{ type: rta.metric, value: u32(route.metric) }]),
    ...((route.table ?? 0) > 255 ? [{ type: rta.table, value: u32(route.table ?? 0) }] : []),
    ...(route.mtuBytes === undefined ? [] : [{ type: rta.metrics, value: [{ type: metricMtu, value: u32(route.mtuBytes) }] }]),
  ];
}

const typeNumber = (route: RouteSpec): number => (routeTypes as readonly string[]).indexOf(route.type);

/** As iproute2 chooses it: local routes reach the host, those without gateway the link, all others everywhere. */
function scopeOf(route: RouteSpec, destination: Prefix): number {
  if (route.scope !== undefined) return route.scope;
  if (destination.family === family.ipv6) return scope.universe;
  if (route.type === "local") return scope.host;
  return route.type === "unicast" && route.gateway === undefined ? scope.link : scope.universe;
}

/** Refused with EEXIST when there is one to that network with that metric in that table. */
export function routeAdd(route: RouteSpec, linkIndex: number): Uint8Array {
  const destination = destinationOf(route);
  const body = routeBody({
    family: destination.family,
    prefixLength: destination.prefixLength,
    table: route.table ?? mainTable,
    protocol: route.protocol ?? bootProtocol,
    scope: scopeOf(route, destination),
    type: typeNumber(route),
    flags: route.onlink ? onlink : 0,
  });
  return renderMessage(messageType.newRoute, flag.create | flag.exclusive, body, attributesOf(route, destination, linkIndex));
}

/** Removes the first route that has all of what is given. */
export function routeRemove(route: RouteSpec, linkIndex: number): Uint8Array {
  const destination = destinationOf(route);
  const body = routeBody({
    family: destination.family,
    prefixLength: destination.prefixLength,
    table: route.table ?? mainTable,
    protocol: route.protocol ?? 0,
    scope: route.scope ?? scope.nowhere,
    type: typeNumber(route),
  });
  return renderMessage(type.remove, 0, body, attributesOf(route, destination, linkIndex));
}
