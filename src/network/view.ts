// A bridge as `tsns net show` presents it, made of what the kernel has and whom namespaces belong to. Pure.
import { type Owner, renderOwner } from "../namespace/owner.ts";
import type { LinkCounters } from "./link-state.ts";
import { type BridgeLink, type BridgeNetwork, type PeerAddress, type PeerNamespace, peerKey } from "./peer.ts";

export interface PortView {
  /** Link on the host. */
  readonly name: string;
  readonly index: number;
  /** Number at the bridge, from 1. */
  readonly number: number;
  /** "veth", "tun" ...; empty for hardware. */
  readonly kind: string;
  readonly up: boolean;
  /** STP state of the port. */
  readonly state: string;
  readonly hairpin: boolean;
  /** Cannot talk to other isolated ports. */
  readonly isolated: boolean;
  readonly mac: string;
  /** As the host counts: received is what came from the port into the bridge. */
  readonly counters: LinkCounters;
  /** Over the interval that was asked for. */
  readonly rates?: PortRates;
  /** What is at the other end of a veth pair. */
  readonly peer?: PeerView;
}

export interface PortRates {
  readonly rxBytesPerSecond: number;
  readonly txBytesPerSecond: number;
  readonly rxPacketsPerSecond: number;
  readonly txPacketsPerSecond: number;
  readonly droppedPerSecond: number;
}

export interface PeerView {
  /** Whose namespace it is in; absent for this one and where nothing is known. */
  readonly owner?: Owner;
  /** In words: a container's name, "docker:web", "nginx (pid 812)", "netns blue", "this host" or "unknown". */
  readonly label: string;
  /** A process of that network namespace; 0 when it has none (a named namespace, or this one). */
  readonly pid: number;
  /** Inode of that namespace, 0 when it is this one or unknown. */
  readonly namespaceInode: number;
  /** The interface inside; empty when it may not be looked at. */
  readonly link: string;
  readonly mac: string;
  /** With prefix lengths, without those of the link alone. */
  readonly addresses: readonly string[];
}

export interface BridgeView {
  readonly name: string;
  readonly index: number;
  /** Priority and hardware address, "8000.02740a420001". */
  readonly id: string;
  /** Whose it is; absent when made by hand. */
  readonly owner?: Owner;
  readonly stp: boolean;
  readonly up: boolean;
  readonly mac: string;
  readonly mtu: number;
  readonly addresses: readonly string[];
  readonly ports: readonly PortView[];
}

export interface ViewOwners {
  ofProcess(process: Pick<PeerNamespace, "pid" | "command" | "cgroups" | "parentPid">): Owner | undefined;
  ofBridge(name: string): Owner | undefined;
}

const noCounters: LinkCounters = {
  rxBytes: 0,
  txBytes: 0,
  rxPackets: 0,
  txPackets: 0,
  rxErrors: 0,
  txErrors: 0,
  rxDropped: 0,
  txDropped: 0,
};

/** Lists by a key, in order. */
function groupBy<T>(list: readonly T[], keyOf: (item: T) => number | undefined): ReadonlyMap<number, readonly T[]> {
  const groups = new Map<number, T[]>();
  for (const item of list) {
    const key = keyOf(item);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

const renderAddresses = (addresses: readonly PeerAddress[] | undefined): readonly string[] =>
  (addresses ?? []).filter(({ linkLocal }) => !linkLocal).map(({ address, prefixLength }) => `${address}/${prefixLength}`);

/** Bridges in the order they were made, whoever made them, or the one named; their ports by number. */
export function viewBridges(network: BridgeNetwork, owners: ViewOwners, name?: string): readonly BridgeView[] {
  const byMaster = groupBy(network.links, (link) => link.master);
  const addressesOf = groupBy(network.addresses, (address) => address.linkIndex);
  const linkOf = new Map(network.links.map((link) => [link.index, link]));
  const hostPeer = (index: number): PeerView | undefined => {
    const link = linkOf.get(index);
    if (!link) return undefined;
    const addresses = renderAddresses(addressesOf.get(index));
    return { label: "this host", pid: 0, namespaceInode: 0, link: link.name, mac: link.mac, addresses };
  };
  const peerOf = ({ kind, peerIndex, peerNamespaceId }: BridgeLink): PeerView | undefined => {
    if (kind !== "veth" || !peerIndex) return undefined;
    if (peerNamespaceId === undefined) return hostPeer(peerIndex);
    return peerIn(peerNamespaceId, peerIndex, network, owners);
  };
  return network.links
    .filter((link) => link.bridge && (name === undefined || link.name === name))
    .map((link) => {
      const owner = owners.ofBridge(link.name);
      const ports = [...(byMaster.get(link.index) ?? [])].sort((one, other) => (one.port?.number ?? 0) - (other.port?.number ?? 0));
      return {
        name: link.name,
        index: link.index,
        id: link.bridge?.id ?? "",
        ...(owner ? { owner } : {}),
        stp: link.bridge?.stp ?? false,
        up: link.up,
        mac: link.mac,
        mtu: link.mtu,
        addresses: renderAddresses(addressesOf.get(link.index)),
        ports: ports.map((port) => portOf(port, peerOf(port))),
      };
    });
}

function portOf(link: BridgeLink, peer: PeerView | undefined): PortView {
  const { name, index, kind, up, mac, port } = link;
  return {
    name,
    index,
    number: port?.number ?? 0,
    kind,
    up,
    state: port?.state ?? "disabled",
    hairpin: port?.hairpin ?? false,
    isolated: port?.isolated ?? false,
    mac,
    counters: link.counters ?? noCounters,
    ...(peer ? { peer } : {}),
  };
}

function peerIn(id: number, index: number, network: BridgeNetwork, owners: ViewOwners): PeerView {
  const key = peerKey(id, index);
  const link = network.peers.get(key);
  const namespace = network.namespaces.get(id);
  const owner = namespace && namespace.pid > 0 ? owners.ofProcess(namespace) : undefined;
  const place = namespace?.name ? `netns ${namespace.name}` : "unknown";
  return {
    ...(owner ? { owner } : {}),
    label: owner ? renderOwner(owner) : place,
    pid: namespace?.pid ?? 0,
    namespaceInode: namespace?.inode ?? 0,
    link: link?.name ?? "",
    mac: link?.mac ?? "",
    addresses: renderAddresses(network.peerAddresses.get(key)),
  };
}

export interface CountedLink {
  readonly index: number;
  readonly counters?: LinkCounters;
}

/** The rates of ports that were there `seconds` before: what has been counted in between. */
export function withRates(before: readonly CountedLink[], bridges: readonly BridgeView[], seconds: number): readonly BridgeView[] {
  const counted = new Map(before.map((link) => [link.index, link.counters]));
  return bridges.map((bridge) => ({
    ...bridge,
    ports: bridge.ports.map((port) => {
      const earlier = counted.get(port.index);
      return earlier && seconds > 0 ? { ...port, rates: ratesOf(earlier, port.counters, seconds) } : port;
    }),
  }));
}

function ratesOf(earlier: LinkCounters, now: LinkCounters, seconds: number): PortRates {
  const rate = (key: keyof LinkCounters) => Math.max(0, Math.round((now[key] - earlier[key]) / seconds));
  return {
    rxBytesPerSecond: rate("rxBytes"),
    txBytesPerSecond: rate("txBytes"),
    rxPacketsPerSecond: rate("rxPackets"),
    txPacketsPerSecond: rate("txPackets"),
    droppedPerSecond: rate("rxDropped") + rate("txDropped"),
  };
}
