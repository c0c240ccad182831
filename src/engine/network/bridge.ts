// Bridges as they are, for the commands that change them or print brctl's tables, and what is wrong with a name.
import { TsnsError } from "../../base/error.ts";
import { readBridgeLinks } from "../../kernel/network/bridge.ts";
import type { Link } from "../../network/link-state.ts";

/** Bridges with their ports, both by name, as brctl lists them. */
export interface BridgePorts {
  readonly bridge: Link;
  readonly ports: readonly Link[];
}

const byName = (one: Link, other: Link) => (one.name < other.name ? -1 : 1);

/** All bridges, or those named in the order given. Throws TsnsError not-found `no-such-bridge`. */
export function listBridges(names: readonly string[], namespacePath?: string): readonly BridgePorts[] {
  const links = readBridgeLinks(namespacePath);
  const chosen = names.length > 0 ? names.map((name) => requireBridge(links, name)) : links.filter((link) => link.bridge).sort(byName);
  const portsOf = new Map<number, Link[]>();
  for (const link of links) {
    if (!link.master || !link.port) continue;
    const ports = portsOf.get(link.master);
    if (ports) ports.push(link);
    else portsOf.set(link.master, [link]);
  }
  return chosen.map((bridge) => ({ bridge, ports: (portsOf.get(bridge.index) ?? []).sort(byName) }));
}

export function noSuchBridge(name: string, links: readonly Link[]): TsnsError {
  const link = links.find((candidate) => candidate.name === name);
  const bridges = links.filter(({ bridge }) => bridge).map((bridge) => bridge.name);
  const hint =
    bridges.length > 0 ? `there are ${bridges.slice(0, 8).join(", ")}` : "there is no bridge here; tsns net bridge add makes one";
  if (link) return new TsnsError("invalid", "not-a-bridge", `${name} is no bridge but a link of kind ${link.kind || "hardware"}`, { hint });
  return new TsnsError("not-found", "no-such-bridge", `bridge ${name} not found`, { hint });
}

/** The bridge of a name. Throws TsnsError not-found `no-such-bridge`, invalid `not-a-bridge`. */
export function requireBridge(links: readonly Link[], name: string): Link {
  const link = links.find((candidate) => candidate.name === name);
  if (!link?.bridge) throw noSuchBridge(name, links);
  return link;
}
