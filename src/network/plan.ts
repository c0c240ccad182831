// What has to be done for a network to exist and for a container to join it: steps on the host, operations inside. Pure.
// Messages are encoded here and sent by the native helper; addresses and ports have been chosen before.

import type { Operation } from "../plan/operation.ts";
import type { Plan, PlannedStep } from "../plan/plan.ts";
import { parseAddress, parseSubnet } from "./address.ts";
import { macOfAddress, parseMac } from "./mac.ts";
import { addressAdd, defaultRouteAdd, hairpinOn, linkUp, portAdd, renderHex, vethAdd } from "./message.ts";
import type { NetworkNames } from "./name.ts";
import { driverOption } from "./request.ts";
import { changeRules, networkRules, networkRulesRemoval, portRules } from "./rule.ts";
import { type Endpoint, type NetworkSpec, poolOf } from "./spec.ts";

/** What planning a network has to know of the host. */
export interface NetworkHost {
  /** net.ipv4.ip_forward is 1. */
  readonly ipForward: boolean;
}

/**
 * Bridge, address and rules of a network. The bridge comes up last, so that one that is up is complete. Works whether or not
 * bridged packets pass iptables (net.bridge.bridge-nf-call-iptables).
 */
export function planNetwork(spec: NetworkSpec, names: NetworkNames, host: NetworkHost): Plan {
  const { bridge } = names;
  const { gateway = "", subnet = "0.0.0.0/0" } = poolOf(spec, "ipv4") ?? {};
  const forward: PlannedStep = {
    step: { kind: "sysctl.write", key: "net.ipv4.ip_forward", value: "1" },
    because: "the host passes packets between containers and its networks; stays on, as others may rely on it by then",
  };
  const mtuBytes = spec.options?.[driverOption.mtu];
  return {
    steps: [
      ...(host.ipForward ? [] : [forward]),
      {
        step: { kind: "bridge.add", name: bridge, mac: macOfAddress(parseAddress(gateway) ?? 0) },
        because: "containers of the network meet at a bridge; a fixed hardware address survives its ports",
        undo: { kind: "link.remove", name: bridge },
      },
      ...(mtuBytes === undefined ? [] : [sizePackets(bridge, Number(mtuBytes))]),
      {
        step: { kind: "rule.apply", transaction: networkRules(spec, names) },
        because: "masquerade what leaves, let answers and published ports in, and nothing else",
        undo: { kind: "rule.apply", transaction: networkRulesRemoval(names) },
      },
      {
        step: { kind: "sysctl.write", key: `net.ipv4.conf.${bridge}.route_localnet`, value: "1" },
        because: "ports published on 127.0.0.1 work without a proxy; the raw rules keep containers out of 127.0.0.0/8",
      },
      {
        step: { kind: "address.add", link: bridge, address: `${gateway}/${parseSubnet(subnet).prefixLength}` },
        because: "the host is the network's gateway",
      },
      { step: { kind: "link.up", name: bridge }, because: "the bridge forwards" },
    ],
  };
}

const sizePackets = (bridge: string, mtuBytes: number): PlannedStep => ({
  step: { kind: "link.set", name: bridge, change: { mtuBytes } },
  because: `--opt ${driverOption.mtu}`,
});

export interface EndpointInput {
  readonly network: NetworkSpec;
  readonly endpoint: Endpoint;
  /** Whose rules they are, for their comment: the start of the container's id. */
  readonly owner: string;
  readonly names: NetworkNames;
  /** Interface index of the network's bridge. */
  readonly bridgeIndex: number;
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
  };
  const attach: Operation[] = [
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
      plan: planPorts(endpoint, names, owner),
      monitor: [["netlink-socket", descriptor.hostSocket], ...late.map((operation): Operation => ["late", ...operation])],
      init: [["barrier"], ...own, ...configure],
    };
  }
  return {
    plan: planPorts(endpoint, names, owner),
    monitor: [
      ["netlink-socket", descriptor.hostSocket],
      ["open", descriptor.hostNamespace, "/proc/self/ns/net"],
    ],
    init: [...own, inside(vethAdd({ ...ends, peerNamespaceFd: Number(descriptor.hostNamespace) })), ...attach, ...configure],
  };
}

function planPorts(endpoint: Endpoint, names: NetworkNames, owner: string): Plan {
  if (endpoint.ports.length === 0) return { steps: [] };
  const rules = portRules(endpoint.ports, endpoint.ipv4?.address ?? "", names, owner);
  return {
    steps: [
      {
        step: { kind: "rule.apply", transaction: changeRules("rule.append", rules) },
        because: "packets to the published ports go to the container",
        undo: { kind: "rule.apply", transaction: changeRules("rule.remove", rules) },
      },
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
