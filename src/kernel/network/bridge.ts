// The bridges of this host with their ports and what is behind them. Follows each veth to its other end by the ids that this network
// namespace has for others, without entering them. Asynchronous and slow: for looking, not for starting.
import { contains, renderAddress } from "../../network/address.ts";
import type { BridgeView, PeerView, PortView } from "../../network/view.ts";
import { type Link, type LinkAddress, type Neighbour, readAddresses, readLinks, readNeighbours } from "../netlink/list.ts";
import { readNamespaceId } from "../netlink/namespace.ts";
import { readForeignOwner, readNamespaceMembers, readNamespaceTables } from "./namespace.ts";
import { parseFibTrie, parseRoutes } from "./route.ts";

/** A container that tsns knows, by its process 1. */
export interface KnownContainer {
  readonly pid: number;
  readonly id: string;
  readonly name: string;
}

interface Namespace {
  readonly pids: readonly number[];
  readonly links: ReadonlyMap<number, Link>;
}

interface World {
  readonly links: readonly Link[];
  readonly addresses: readonly LinkAddress[];
  readonly neighbours: readonly Neighbour[];
  /** By this namespace's ids for them. */
  readonly namespaces: ReadonlyMap<number, Namespace>;
  readonly containers: readonly KnownContainer[];
}

/** All bridges of the current network namespace in the order they were made, whoever made them; their ports by number. Throws TsnsError, KernelError. */
export async function readBridges(containers: readonly KnownContainer[]): Promise<readonly BridgeView[]> {
  const links = await readLinks();
  const [addresses, neighbours, namespaces] = [await readAddresses(), await readNeighbours(), await readPeerNamespaces(links)];
  const world: World = { links, addresses, neighbours, namespaces, containers };
  return links.filter((link) => link.bridge).map((link) => bridgeOf(link, world));
}

/** The namespaces that ports lead to, with their links and processes. */
async function readPeerNamespaces(links: readonly Link[]): Promise<ReadonlyMap<number, Namespace>> {
  const wanted = new Set(links.flatMap((link) => (link.master && link.peerNamespaceId !== undefined ? [link.peerNamespaceId] : [])));
  const members = new Map<number, readonly number[]>();
  for (const pids of wanted.size > 0 ? readNamespaceMembers() : []) {
    const id = await readNamespaceId(pids[0] ?? 0);
    if (id !== undefined) members.set(id, pids);
  }
  const namespaces = new Map<number, Namespace>();
  for (const id of wanted) {
    const inside = await readLinks(id);
    namespaces.set(id, { pids: members.get(id) ?? [], links: new Map(inside.map((link) => [link.index, link])) });
  }
  return namespaces;
}

function bridgeOf(link: Link, world: World): BridgeView {
  const { name, index, up, mac, mtu } = link;
  const addresses = world.addresses.filter((address) => address.linkIndex === index);
  const ports = world.links.filter((port) => port.master === index);
  return {
    name,
    index,
    id: link.bridge?.id ?? "",
    stp: link.bridge?.stp ?? false,
    up,
    mac,
    mtu,
    addresses: addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`),
    ports: ports.sort((one, other) => (one.port?.number ?? 0) - (other.port?.number ?? 0)).map((port) => portOf(port, world)),
  };
}

function portOf(link: Link, world: World): PortView {
  const { name, index, kind, up } = link;
  const peer = kind === "veth" && link.peerIndex ? peerOf(link.peerIndex, link.peerNamespaceId, world) : undefined;
  const { state, hairpin } = link.port ?? { state: "disabled" as const, hairpin: false };
  return { name, index, kind, up, state, hairpin, ...(peer ? { peer } : {}) };
}

function peerOf(index: number, namespaceId: number | undefined, world: World): PeerView | undefined {
  if (namespaceId === undefined) {
    const link = world.links.find((candidate) => candidate.index === index);
    if (!link) return undefined;
    const addresses = world.addresses.filter((address) => address.linkIndex === index);
    const rendered = addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`);
    return { owner: "host", pid: 0, link: link.name, mac: link.mac, addresses: rendered };
  }
  const namespace = world.namespaces.get(namespaceId);
  const link = namespace?.links.get(index);
  if (!namespace || !link) return undefined;
  const container = world.containers.find((candidate) => namespace.pids.includes(candidate.pid));
  const pid = container?.pid ?? namespace.pids[0] ?? 0;
  return {
    owner: container?.name ?? (pid === 0 ? "unknown" : readForeignOwner(pid)),
    ...(container ? { containerId: container.id } : {}),
    pid,
    link: link.name,
    mac: link.mac,
    addresses: pid === 0 ? neighbourAddresses(link.mac, world) : addressesOf(link.name, readNamespaceTables(pid)),
  };
}

/** Addresses of a link: the local ones within the networks that are directly connected by it. */
export function addressesOf(link: string, tables: { readonly route: string; readonly fibTrie: string }): readonly string[] {
  const connected = parseRoutes(tables.route).filter((route) => route.link === link && route.gateway === 0);
  const local = parseFibTrie(tables.fibTrie, ["LOCAL"]).filter((subnet) => subnet.prefixLength === 32);
  const found = connected.flatMap(({ destination }) =>
    local.filter(({ base }) => contains(destination, base)).map(({ base }) => `${renderAddress(base)}/${destination.prefixLength}`),
  );
  return [...new Set(found)];
}

/** A namespace without a process can't be asked; what the host has heard of the hardware address must do. */
function neighbourAddresses(mac: string, world: World): readonly string[] {
  return world.neighbours.filter((neighbour) => neighbour.mac === mac && neighbour.address !== "").map(({ address }) => address);
}
