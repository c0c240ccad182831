// What has to be done for a container to join its networks: steps on the host, operations inside. Pure.
// Messages are encoded here and sent by the native helper; addresses and ports have been chosen before.

import { TsnsError } from "../base/error.ts";
import type { Operation } from "../plan/operation.ts";
import type { Plan } from "../plan/plan.ts";
import type { Step } from "../plan/step.ts";
import { apartMessages } from "./apart.ts";
import { defaultRoutes } from "./gateway.ts";
import { type HostEnd, hostEndMessages, hostEndSteps } from "./host-end.ts";
import { ipv6MinimumMtu } from "./ip.ts";
import { bridgeMac, parseMac } from "./mac.ts";
import { join, linkUp, portAdd, renderHex } from "./message.ts";
import { portSet } from "./message-bridge.ts";
import { addressAdd, defaultRouteAdd, linkRouteAdd, withoutLinkLocal } from "./message-place.ts";
import { type SublinkSpec, sublinkAdd } from "./message-sublink.ts";
import { type VethSpec, vethAdd } from "./message-veth.ts";
import { hostLinkIndex, type NetworkNames, shortHash } from "./name.ts";
import { relayedPorts, relayOperation, relayRelease } from "./port-relay.ts";
import { portRuleSteps } from "./rule-plan.ts";
import type { Endpoint, NetworkSpec, ParentSpec } from "./spec.ts";

/** One place of a container. */
export interface EndpointInput {
  readonly network: NetworkSpec;
  readonly endpoint: Endpoint;
  readonly names: NetworkNames;
  /** Interface index of the network's bridge. */
  readonly bridgeIndex: number;
  readonly hostEnd: HostEnd;
  /** Who has the default route: docker's gw-priority. */
  readonly gatewayPriority?: number;
}

export interface EndpointsInput {
  readonly places: readonly EndpointInput[];
  /** Whose rules they are, for their comment: the start of the container's id. */
  readonly owner: string;
  /** The container's network namespace belongs to a user namespace of its own: the host's ends are made by the monitor. */
  readonly ownUserNamespace: boolean;
  /** The kernel has IPv6: a link without such an address is told to be silent there. */
  readonly hasIpv6: boolean;
}

/** Steps on the host before the container starts, and operations of the native helper before and after `clone`. */
export interface EndpointPlan {
  readonly plan: Plan;
  readonly monitor: readonly Operation[];
  readonly init: readonly Operation[];
  /** Takes back what the monitor makes on the host, where it could not. */
  readonly release?: Step;
}

/** Descriptors of the native helper: a socket of the host's network namespace, one of the container's, the host's namespace. */
const descriptor = { hostSocket: "100", ownSocket: "101", hostNamespace: "102", innerNamespace: "103" } as const;
const loopbackIndex = 1; // include/net/net_namespace.h: LOOPBACK_IFINDEX

/**
 * Index of a link inside, by its name. Chosen here so that all messages can be encoded beforehand; far from the small ones, as a new
 * namespace may hold more than lo (tunl0 and its like, ifb0: net.core.fb_tunnels_only_for_init_net).
 */
export function innerIndex(link: string): number {
  const number = /^eth(\d{1,4})$/.exec(link)?.[1];
  return number === undefined ? 20_000 + Number.parseInt(shortHash(link, 5), 36) : 1000 + Number(number);
}

/** Ethernet's, as docker's networks have. */
export const defaultMtu = 1500;

/** Messages of one place. `inside` goes to the container's namespace, `host` to the host's; in the order pair, attach, configure. */
export interface EndpointMessages {
  /** Of the pair, made by linkMessage; of macvlan and ipvlan the one link. */
  readonly ends: VethSpec;
  readonly sublink?: SublinkSpec;
  /** host */
  readonly attach: readonly (readonly Uint8Array[])[];
  /** inside; the routes are not among them */
  readonly configure: readonly (readonly Uint8Array[])[];
}

/** Descriptors of whoever sends: the namespace that the container's end, and the one that the host's end is made in; absent: the socket's. */
export interface LinkPlaces {
  readonly namespaceFd?: number;
  readonly peerNamespaceFd?: number;
}

/** Makes the link. One of macvlan or ipvlan is sent on a socket of the host's namespace, with the descriptor of the container's. */
export function linkMessage({ ends, sublink }: Pick<EndpointMessages, "ends" | "sublink">, at: LinkPlaces): Uint8Array {
  return sublink ? sublinkAdd(sublink, at.namespaceFd ?? 0) : vethAdd({ ...ends, ...at });
}

/** What makes a place, however it is sent. */
export function endpointMessages({ endpoint, network, bridgeIndex, hostEnd }: EndpointInput, hasIpv6: boolean): EndpointMessages {
  const hostLink = { name: endpoint.hostLink };
  const index = innerIndex(endpoint.link);
  const mtu = network.mtu ?? defaultMtu;
  const { driver = "bridge", parent } = network;
  const hostMac = parseMac(bridgeMac(network));
  // Frames between ports pass no rule of iptables where the host has no br_netfilter.
  const isApart = network.icc === false;
  const standing = parent ? [] : hostEndMessages(endpoint, { ...hostEnd, ...(isApart && hostMac ? { onlyTo: hostMac } : {}) });
  const linkLocal = (hostEnd.linkLocal ?? []).map((address) => addressAdd(index, address, address.includes(":") ? 64 : 16));
  const addresses = [endpoint.ipv4, endpoint.ipv6].flatMap((place) =>
    place ? [addressAdd(index, place.address, place.prefixLength)] : [],
  );
  const isSilent = hasIpv6 && mtu >= ipv6MinimumMtu && !endpoint.ipv6;
  return {
    ends: {
      name: endpoint.link,
      index,
      mac: parseMac(endpoint.mac) ?? new Uint8Array(6),
      mtu,
      peerName: endpoint.hostLink,
      peerIndex: hostLinkIndex(endpoint.hostLink),
      // Frames to the bridge are the host's also where the filter of loopback-return.ts meets them (linux/if_packet.h: PACKET_HOST).
      ...(endpoint.ipv6 && hostMac ? { peerMac: hostMac } : {}),
    },
    ...(parent && driver !== "bridge" ? { sublink: sublinkOf(endpoint, network, driver, parent, bridgeIndex) } : {}),
    attach: parent
      ? []
      : [
          ...(standing.length > 0 ? [standing] : []),
          [portAdd(hostLink, bridgeIndex)],
          // With bridge-nf-call-iptables a container that asks for its own published port gets its frame back at the same bridge port.
          ...(endpoint.ports.length > 0 ? [[portSet(endpoint.hostLink, "hairpin", 1)]] : []),
          ...(isApart ? [apartMessages(endpoint.hostLink, bridgeIndex)] : []),
        ],
    configure: [[...(isSilent ? [withoutLinkLocal({ index })] : []), ...addresses, ...linkLocal], [linkUp({ index })]].filter(
      (messages) => messages.length > 0,
    ),
  };
}

function sublinkOf(
  { link, mac }: Endpoint,
  { mtu }: NetworkSpec,
  kind: SublinkSpec["kind"],
  settings: ParentSpec,
  parent: number,
): SublinkSpec {
  const own = kind === "macvlan" ? parseMac(mac) : undefined;
  return {
    kind,
    name: link,
    index: innerIndex(link),
    parent,
    settings,
    ...(own ? { mac: own } : {}),
    ...(mtu === undefined ? {} : { mtu }),
  };
}

/** A rate holds on the links that have an end on the host; where none has one it is refused. Throws TsnsError unsupported `no-rate`. */
function refuseRate(places: readonly EndpointInput[]): void {
  const [first] = places;
  if (first?.hostEnd.rate === undefined || places.some(({ network }) => !network.parent)) return;
  const { name, driver } = first.network;
  throw new TsnsError("unsupported", "no-rate", `--net-rate: a link of network ${name} (${driver}) has no end on the host to limit it at`, {
    hint: "leave --net-rate out, or use a bridge network",
    exitCode: 125,
  });
}

/** The default routes of all places together; `replace`: others are there. */
export function routeMessages(places: readonly EndpointInput[], replace: boolean): readonly Uint8Array[] {
  const known = places.map(({ endpoint, network, gatewayPriority = 0 }) => ({ endpoint, ...network, gatewayPriority }));
  return defaultRoutes(known).map(({ family, gateway, link }) =>
    gateway === undefined ? linkRouteAdd(family, innerIndex(link), replace) : defaultRouteAdd(gateway, innerIndex(link), replace),
  );
}

/** Joins a container to its networks: rules only where ports are published. */
export function planEndpoints({ places, owner, ownUserNamespace, hasIpv6 }: EndpointsInput): EndpointPlan {
  const on =
    (socket: string) =>
    (messages: readonly Uint8Array[]): Operation => ["netlink", socket, renderHex(join(messages))];
  const [onHost, inside] = [on(descriptor.hostSocket), on(descriptor.ownSocket)];
  refuseRate(places);
  const made = places.map((place) => endpointMessages(place, hasIpv6));
  const routes = routeMessages(places, false);
  const own: Operation[] = [["netlink-socket", descriptor.ownSocket], inside([linkUp({ index: loopbackIndex })])];
  const wayOut: Operation[] = routes.length > 0 ? [inside(routes)] : [];
  const plan = {
    steps: places.flatMap(({ endpoint, names, hostEnd, network }) => [
      ...hostEndSteps(endpoint, hostEnd),
      ...portRuleSteps(endpoint, names, owner, network.gatewayMode),
    ]),
  };
  // Ports hang on one place.
  const relayed = places.map(({ endpoint }) => endpoint).find((endpoint) => relayedPorts(endpoint, endpoint.ports).length > 0);
  const relay = relayed && relayOperation(relayed, relayed.ports);
  const relays = relay ? [relay] : [];
  const release = relayed && relayRelease(relayed, relayed.ports);
  const released = release ? { release } : {};
  if (ownUserNamespace) {
    const late = made.flatMap((place): Operation[] => [
      onHost([linkMessage(place, { namespaceFd: Number(descriptor.innerNamespace) })]),
      ...place.attach.map(onHost),
    ]);
    const open: Operation = ["open-ns", descriptor.innerNamespace, "net"];
    return {
      plan,
      monitor: [
        ["netlink-socket", descriptor.hostSocket],
        ...[open, ...late].map((operation): Operation => ["late", ...operation]),
        ...relays,
      ],
      init: [["barrier"], ...own, ...made.flatMap(({ configure }) => configure.map(inside)), ...wayOut],
      ...released,
    };
  }
  return {
    plan,
    monitor: [["netlink-socket", descriptor.hostSocket], ["open", descriptor.hostNamespace, "/proc/self/ns/net"], ...relays],
    ...released,
    init: [
      ...own,
      // A link of macvlan or ipvlan is made from the host's side, where its parent is.
      ...(made.some(({ sublink }) => sublink) ? [["open", descriptor.innerNamespace, "/proc/self/ns/net"] satisfies Operation] : []),
      ...made.flatMap((place) => [
        place.sublink
          ? onHost([linkMessage(place, { namespaceFd: Number(descriptor.innerNamespace) })])
          : inside([linkMessage(place, { peerNamespaceFd: Number(descriptor.hostNamespace) })]),
        ...place.attach.map(onHost),
        ...place.configure.map(inside),
      ]),
      ...wayOut,
    ],
  };
}

/** A network namespace of its own with nothing but loopback: --network none. */
export function planLoopback(): { readonly monitor: readonly Operation[]; readonly init: readonly Operation[] } {
  return {
    monitor: [],
    init: [
      ["netlink-socket", descriptor.ownSocket],
      ["netlink", descriptor.ownSocket, renderHex(linkUp({ index: loopbackIndex }))],
    ],
  };
}
