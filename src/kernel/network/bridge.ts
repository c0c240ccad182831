// What the kernel has about bridges and what is behind their ports: links of this network namespace and of those that veth pairs lead to,
// by this namespace's ids for them. One process of the native helper gathers it, however many ports there are. Knows nothing of owners.
import type { ForwardingEntry, Link } from "../../network/link-state.ts";
import type { BridgeNetwork } from "../../network/peer.ts";
import { parsePortFacts } from "../../network/port-fact.ts";
import { forwardingDump, linkDump, parseForwarding, parseLinks, readLinks } from "../netlink/list.ts";
import { exchangeAll } from "../netlink/relay.ts";
import { runNamespaceProgram } from "../sandbox/namespace-program.ts";
import { findNetworkPlaces, readPlaceIds } from "./link-peer.ts";

/** RT_SCOPE_LINK of rtnetlink(7): addresses of a link alone (fe80::/10) tell nobody apart. */
const scopeLink = 253;

/** Bridges, their ports and their ports' peers. Throws KernelError. */
export function readBridgeNetwork(): BridgeNetwork {
  const network = parsePortFacts(runNamespaceProgram(["ports", String(scopeLink)]).toString("utf8"));
  const idle = network.links.some(
    ({ port, peerNamespaceId }) => port && peerNamespaceId !== undefined && !network.namespaces.has(peerNamespaceId),
  );
  return idle ? withIdleNamespaces(network) : network;
}

/** Namespaces without a process, which bind mounts hold: by the names of their files. */
function withIdleNamespaces(network: BridgeNetwork): BridgeNetwork {
  const namespaces = new Map(network.namespaces);
  const held = findNetworkPlaces().filter(({ pid, path }) => pid === 0 && path !== "");
  for (const [id, { inode, name }] of readPlaceIds(held)) {
    if (!namespaces.has(id)) namespaces.set(id, { inode, pid: 0, name, command: "", cgroups: "", parentPid: 0 });
  }
  return { ...network, namespaces };
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
