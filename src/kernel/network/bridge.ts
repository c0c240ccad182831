// What the kernel has about bridges and what is behind their ports: links of this network namespace and of those that veth pairs lead to,
// by this namespace's ids for them. Two processes of the native helper do the asking, however many ports there are. Knows nothing of owners.
import type { ForwardingEntry, Link } from "../../network/link-state.ts";
import type { BridgeNetwork, PeerNamespace } from "../../network/peer.ts";
import {
  addressDump,
  forwardingDump,
  linkDump,
  neighbourDump,
  parseForwarding,
  parseLinkAddresses,
  parseLinks,
  parseNeighbours,
  readLinks,
} from "../netlink/list.ts";
import { namespaceIdRequest, parseNamespaceId } from "../netlink/namespace.ts";
import { exchangeAll, tryExchanges, tryExchangesIn } from "../netlink/relay.ts";
import { listPids, readFirstMembers, readNamespaceInode } from "../proc/namespace.ts";
import { type NamespaceMount, readNamespaceMounts } from "../proc/namespace-file.ts";

/** How a namespace can be reached and called. */
interface Place {
  readonly inode: number;
  /** Lowest pid of its processes; 0 when there is none to see. */
  readonly pid: number;
  readonly path: string;
  /** File name of the bind mount that holds it, where no process is to be seen. */
  readonly name?: string;
}

/** Descriptors that the native helper can be given, native/ns-netlink.c. */
const firstDescriptor = 100;
const mostDescriptors = 100;

/** Bridges, their ports and their ports' peers. Throws KernelError. */
export function readBridgeNetwork(): BridgeNetwork {
  const places = findPlaces();
  const named = places.filter(({ pid }) => pid === 0).slice(0, mostDescriptors);
  const ordered = [...places.filter(({ pid }) => pid > 0), ...named];
  const requests = [
    linkDump(),
    addressDump(),
    ...ordered.map(({ pid }, at) => namespaceIdRequest(pid > 0 ? { pid } : { fd: firstDescriptor + at - (ordered.length - named.length) })),
  ];
  const descriptors = new Map(named.map(({ path }, at) => [firstDescriptor + at, path]));
  const [linkAnswer, addressAnswer, ...idAnswers] = tryExchanges(requests, { descriptors });
  const links = parseLinks(linkAnswer?.replies);
  const wanted = new Set(
    links.flatMap(({ master, peerNamespaceId }) => (master && peerNamespaceId !== undefined ? [peerNamespaceId] : [])),
  );
  const placeOf = new Map<number, Place>();
  for (const [at, answer] of idAnswers.entries()) {
    const id = answer.errno === undefined ? parseNamespaceId(answer.replies) : undefined;
    const place = ordered[at];
    if (id !== undefined && place && wanted.has(id)) placeOf.set(id, place);
  }
  const namespaces = new Map([...enterPlaces(placeOf), ...askUnknown([...wanted].filter((id) => !placeOf.has(id)))]);
  // Entering is refused to ordinary users; the processes are known all the same.
  for (const [id, place] of placeOf) if (!namespaces.has(id)) namespaces.set(id, { ...idle(id), ...place });
  return { links, addresses: parseLinkAddresses(addressAnswer?.replies), namespaces };
}

/** Every other network namespace that has a process or a bind mount we see. */
function findPlaces(): readonly Place[] {
  const own = readNamespaceInode("self", "net");
  const first = readFirstMembers("net", listPids());
  const running = [...first].filter(([inode]) => inode !== own).map(([inode, pid]) => ({ inode, pid, path: `/proc/${pid}/ns/net` }));
  const held = new Map<number, NamespaceMount>();
  for (const mount of readNamespaceMounts()) {
    if (mount.kind === "net" && mount.inode !== own && !first.has(mount.inode)) held.set(mount.inode, mount);
  }
  return [
    ...running,
    ...[...held].map(([inode, { target }]) => ({ inode, pid: 0, path: target, name: target.slice(target.lastIndexOf("/") + 1) })),
  ];
}

const idle = (id: number): PeerNamespace => ({ id, inode: 0, pid: 0, links: new Map(), addresses: [], neighbours: [] });

const byIndex = (links: readonly Link[]) => new Map(links.map((link) => [link.index, link]));

/** Links and addresses inside; those that cannot be entered are left out. */
function enterPlaces(places: ReadonlyMap<number, Place>): readonly [number, PeerNamespace][] {
  if (places.size === 0) return [];
  const ids = [...places.keys()];
  const paths = [...places.values()].map(({ path }) => path);
  const answers = tryExchangesIn(paths, [linkDump({ withoutCounters: true }), addressDump()]);
  return [...places].flatMap(([id, { inode, pid, name }], at): [number, PeerNamespace][] => {
    const [links, addresses] = answers[ids.length === answers.length ? at : -1] ?? [];
    if (!links || links.errno !== undefined) return [];
    const inside = { links: byIndex(parseLinks(links.replies)), addresses: parseLinkAddresses(addresses?.replies) };
    return [[id, { ...idle(id), inode, pid, ...(name === undefined ? {} : { name }), ...inside }]];
  });
}

/**
 * Namespaces without a process or file that we see: their links can be listed from outside, but not their addresses; what this
 * namespace has heard of their hardware addresses must do.
 */
function askUnknown(ids: readonly number[]): readonly [number, PeerNamespace][] {
  if (ids.length === 0) return [];
  const requests = [neighbourDump(), ...ids.map((namespaceId) => linkDump({ namespaceId, withoutCounters: true }))];
  const [heard, ...answers] = tryExchanges(requests);
  const neighbours = parseNeighbours(heard?.replies);
  return ids.map((id, at) => [id, { ...idle(id), links: byIndex(parseLinks(answers[at]?.replies)), neighbours }]);
}

/** The links of a namespace and the forwarding tables of its bridges, at one moment. Throws KernelError. */
export function readBridgeTable(namespacePath?: string): { readonly links: readonly Link[]; readonly entries: readonly ForwardingEntry[] } {
  const options = namespacePath === undefined ? {} : { namespacePath };
  const [links, entries] = exchangeAll([linkDump({ withoutCounters: true }), forwardingDump()], options);
  return { links: parseLinks(links), entries: parseForwarding(entries) };
}

/** The links of this namespace alone, for what needs no peers. Throws KernelError. */
export function readBridgeLinks(namespacePath?: string): readonly Link[] {
  if (namespacePath === undefined) return readLinks();
  return parseLinks(exchangeAll([linkDump()], { namespacePath })[0]);
}
