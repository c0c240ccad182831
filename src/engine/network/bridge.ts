// Bridges and their ports as brctl knows them: listing, and carrying out what src/network/bridge-plan.ts plans.
import { readBridgeLinks, readBridgeTable } from "../../kernel/network/bridge.ts";
import { type BridgePlace, requireBridge } from "../../network/bridge-plan.ts";
import type { BridgePorts, ForwardingEntry, Link } from "../../network/link-state.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Engine } from "../engine.ts";
import { applyWhole } from "../undo.ts";
import { networkNamespace } from "./namespace.ts";

/** The links of the namespace of a reference; none is this one. */
function readBridgePlace(engine: Engine, reference: string | undefined): BridgePlace {
  if (reference === undefined) return { label: "this namespace", links: readBridgeLinks() };
  const { path, label } = networkNamespace(engine, reference);
  return { label, links: readBridgeLinks(path), ...(path === undefined ? {} : { path }) };
}

/** In the order of their bytes, as brctl sorts. */
const byName = (one: Link, other: Link) => (one.name < other.name ? -1 : 1);

/** All bridges by name, or those named in the order given; their ports by name. Throws TsnsError not-found `no-such-bridge`. */
export function listBridges(engine: Engine, names: readonly string[], reference?: string): readonly BridgePorts[] {
  return bridgesOf(readBridgePlace(engine, reference), names);
}

function bridgesOf(place: BridgePlace, names: readonly string[]): readonly BridgePorts[] {
  const chosen =
    names.length > 0 ? names.map((name) => requireBridge(place, name)) : place.links.filter((link) => link.bridge).sort(byName);
  const portsOf = new Map<number, Link[]>();
  for (const link of place.links) {
    if (!link.master || !link.port) continue;
    const ports = portsOf.get(link.master);
    if (ports) ports.push(link);
    else portsOf.set(link.master, [link]);
  }
  return chosen.map((bridge) => ({ bridge, ports: (portsOf.get(bridge.index) ?? []).sort(byName) }));
}

/** The addresses a bridge has seen, and those of its ports. */
export interface BridgeMacs extends BridgePorts {
  readonly entries: readonly ForwardingEntry[];
}

/** Throws TsnsError not-found `no-such-bridge`. */
export function listMacs(engine: Engine, name: string, reference?: string): BridgeMacs {
  const path = reference === undefined ? undefined : networkNamespace(engine, reference).path;
  const { links, entries } = readBridgeTable(path);
  const [found] = bridgesOf({ label: "this namespace", links }, [name]);
  const { bridge = requireBridge({ label: "this namespace", links }, name), ports = [] } = found ?? {};
  // The bridge's own addresses have no port: brctl leaves them out.
  return { bridge, ports, entries: entries.filter((entry) => entry.bridgeIndex === bridge.index && entry.linkIndex !== bridge.index) };
}

/** Plans with what is there now, shows the plan, carries it out, all or nothing. */
export async function changeBridge(engine: Engine, reference: string | undefined, plan: (place: BridgePlace) => Plan): Promise<void> {
  await applyWhole(engine, plan(readBridgePlace(engine, reference)));
}
