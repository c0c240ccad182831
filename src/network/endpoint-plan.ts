// What has to be done for a container to join a network: steps on the host, operations inside. Pure.
// Messages are encoded here and sent by the native helper; addresses and ports have been chosen before.
import type { Operation } from "../plan/operation.ts";
import type { Plan } from "../plan/plan.ts";
import { type HostEnd, hostEndMessages } from "./host-end.ts";
import { parseMac } from "./mac.ts";
import { addressAdd, defaultRouteAdd, hairpinOn, join, linkUp, portAdd, renderHex, vethAdd } from "./message.ts";
import { hostLinkIndex, type NetworkNames } from "./name.ts";
import { portRuleSteps } from "./rule-plan.ts";
import type { Endpoint, NetworkSpec } from "./spec.ts";

export interface EndpointInput {
  readonly network: NetworkSpec;
  readonly endpoint: Endpoint;
  /** Whose rules they are, for their comment: the start of the container's id. */
  readonly owner: string;
  readonly names: NetworkNames;
  /** Interface index of the network's bridge. */
  readonly bridgeIndex: number;
  readonly hostEnd: HostEnd;
  /** The container's network namespace belongs to a user namespace of its own: the host's end is made by the monitor. */
  readonly ownUserNamespace: boolean;
}

/** Steps on the host before the container starts, and operations of the native helper before and after `clone`. */
export interface EndpointPlan {
  readonly plan: Plan;
  readonly monitor: readonly Operation[];
  readonly init: readonly Operation[];
}

/** Descriptors of the native helper: a socket of the host's network namespace, one of the container's, the host's namespace. */
const descriptor = { hostSocket: "100", ownSocket: "101", hostNamespace: "102", innerNamespace: "103" } as const;

/**
 * Index of eth0. Chosen here so that all messages can be encoded beforehand; far from the small ones, as a new namespace may
 * hold more than lo (tunl0 and its like, ifb0: net.core.fb_tunnels_only_for_init_net).
 */
const innerIndex = 1000;
const loopbackIndex = 1; // include/net/net_namespace.h: LOOPBACK_IFINDEX

/** Ethernet's, as docker's networks have. */
export const defaultMtu = 1500;

/** Joins a container to a network: rules only where ports are published. Throws TsnsError unsupported `ipv6-publish`. */
export function planEndpoint(input: EndpointInput): EndpointPlan {
  const { endpoint, names, owner, network, bridgeIndex } = input;
  const place = endpoint.ipv4;
  const onHost = (message: Uint8Array): Operation => ["netlink", descriptor.hostSocket, renderHex(message)];
  const inside = (message: Uint8Array): Operation => ["netlink", descriptor.ownSocket, renderHex(message)];
  const hostLink = { name: endpoint.hostLink };
  const ends = {
    name: endpoint.link,
    index: innerIndex,
    mac: parseMac(endpoint.mac) ?? new Uint8Array(6),
    mtu: network.mtu ?? defaultMtu,
    peerName: endpoint.hostLink,
    peerIndex: hostLinkIndex(endpoint.hostLink),
  };
  const standing = hostEndMessages(endpoint, input.hostEnd);
  const attach: Operation[] = [
    ...(standing.length > 0 ? [onHost(join(standing))] : []),
    onHost(portAdd(hostLink, bridgeIndex)),
    // With bridge-nf-call-iptables a container that asks for its own published port gets its frame back at the same bridge port.
    ...(endpoint.ports.length > 0 ? [onHost(hairpinOn(hostLink))] : []),
  ];
  const configure: Operation[] = [
    ...(place ? [inside(addressAdd(innerIndex, place.address, place.prefixLength))] : []),
    inside(linkUp({ index: innerIndex })),
    ...(network.internal || place?.gateway === undefined ? [] : [inside(defaultRouteAdd(place.gateway))]),
  ];
  const own: Operation[] = [["netlink-socket", descriptor.ownSocket], inside(linkUp({ index: loopbackIndex }))];
  if (input.ownUserNamespace) {
    const pair = onHost(vethAdd({ ...ends, namespaceFd: Number(descriptor.innerNamespace) }));
    const late: Operation[] = [["open-ns", descriptor.innerNamespace, "net"], pair, ...attach];
    return {
      plan: { steps: portRuleSteps(endpoint, names, owner) },
      monitor: [["netlink-socket", descriptor.hostSocket], ...late.map((operation): Operation => ["late", ...operation])],
      init: [["barrier"], ...own, ...configure],
    };
  }
  return {
    plan: { steps: portRuleSteps(endpoint, names, owner) },
    monitor: [
      ["netlink-socket", descriptor.hostSocket],
      ["open", descriptor.hostNamespace, "/proc/self/ns/net"],
    ],
    init: [...own, inside(vethAdd({ ...ends, peerNamespaceFd: Number(descriptor.hostNamespace) })), ...attach, ...configure],
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
