// Which names a container sees and what they stand for: those of the networks it is on, nothing of others. Pure; where leases and
// networks come from, and how an answer looks on the wire, is not known here.

import { families, familyOfText, ipContains, parseIp, parseIpSubnet } from "../network/ip.ts";
import { defaultNetwork } from "../network/name.ts";
import { isDomainName } from "./record.ts";
import { addressOfReverse } from "./reverse.ts";

/** A container's address on a network and the names it has there, its own one first. */
export interface NameLease {
  readonly network: string;
  readonly address: string;
  readonly container: string;
  readonly names: readonly string[];
}

export interface NamedNetwork {
  readonly name: string;
  readonly internal: boolean;
  /** Of a bridge: nobody else knows what is in them. Empty for networks that lead into the LAN. */
  readonly subnets: readonly string[];
  /** The host's own addresses on it. */
  readonly hosts: readonly string[];
}

/** What a name stands for. */
export interface Found {
  /** Who says so: `network NAME`, `link`, `host`. */
  readonly source: string;
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
  /** Of an address that was asked backwards. */
  readonly pointers: readonly string[];
}

/** Addresses of both families. */
interface Addresses {
  readonly ipv4: string[];
  readonly ipv6: string[];
}

/** Addresses by lower case name and by container, and leases by address, on one network. */
export interface Zone {
  readonly network: NamedNetwork;
  readonly names: ReadonlyMap<string, Addresses>;
  readonly leases: ReadonlyMap<string, NameLease>;
  readonly members: ReadonlyMap<string, Addresses>;
}

export function makeZone(network: NamedNetwork, leases: readonly NameLease[]): Zone {
  const names = new Map<string, Addresses>();
  const members = new Map<string, Addresses>();
  const byAddress = new Map<string, NameLease>();
  const add = (to: typeof names, key: string, address: string) => {
    let place = to.get(key);
    if (place === undefined) {
      place = { ipv4: [], ipv6: [] };
      to.set(key, place);
    }
    const list = place[familyOfText(address)];
    if (!list.includes(address)) list.push(address);
  };
  for (const lease of leases) {
    const { address, container, names: own } = lease;
    add(members, container, address);
    // The default network has none, as docker's has not: its containers know each other by links.
    if (network.name === defaultNetwork) continue;
    for (const name of own) add(names, name.toLowerCase(), address);
    byAddress.set(address, lease);
  }
  return { network, names, leases: byAddress, members };
}

export interface Scope {
  /** In the order in which they are asked. */
  readonly zones: readonly Zone[];
  /** False: all of its networks are internal, or it has none; it is told nothing of the outside. */
  readonly hasOutside: boolean;
  /** Names that this container alone has for others, with the network they are on. */
  readonly links: readonly { readonly alias: string; readonly container: string; readonly network: string }[];
}

/**
 * Networks that lead outside come first, then by priority, then by name, as for the default route: of a name that two networks
 * have the first one counts, as docker's.
 */
export function makeScope(zones: readonly Zone[], links: Scope["links"], priorities: ReadonlyMap<string, number> = new Map()): Scope {
  const priorityOf = ({ network }: Zone) => priorities.get(network.name) ?? 0;
  const ordered = [...zones].sort(
    (one, other) =>
      Number(one.network.internal) - Number(other.network.internal) ||
      priorityOf(other) - priorityOf(one) ||
      (one.network.name < other.network.name ? -1 : 1),
  );
  return { zones: ordered, hasOutside: zones.some(({ network }) => !network.internal), links };
}

export const hostNames: readonly string[] = ["host.docker.internal", "host.tsns.internal"];

/** What a name (lower case, without the last dot) stands for; undefined: it is nobody's here. Empty lists: it has nothing of that kind. */
export function lookUp(scope: Scope, name: string): Found | undefined {
  return linked(scope, name) ?? named(scope, name) ?? (hostNames.includes(name) ? host(scope) : undefined) ?? backwards(scope, name);
}

function linked({ links, zones }: Scope, name: string): Found | undefined {
  for (const { alias, container, network } of links) {
    if (alias.toLowerCase() !== name) continue;
    const place = zones.find((zone) => zone.network.name === network)?.members.get(container);
    if (place) return { source: "link", ...place, pointers: [] };
  }
  return undefined;
}

function named({ zones }: Scope, name: string): Found | undefined {
  const first = zones.findIndex(({ names }) => names.has(name));
  if (first >= 0) return inBothFamilies(zones.slice(first), name);
  for (const { network, names } of zones) {
    const suffix = `.${network.name.toLowerCase()}`;
    const place = name.endsWith(suffix) ? names.get(name.slice(0, -suffix.length)) : undefined;
    if (place) return { source: `network ${network.name}`, ...place, pointers: [] };
  }
  return undefined;
}

/**
 * The addresses on the first network; of a family that this one has not, those of the same containers on the next network that has it.
 * Another container of the name is not meant.
 */
function inBothFamilies(zones: readonly Zone[], name: string): Found | undefined {
  const [zone] = zones;
  const place = zone?.names.get(name);
  if (!zone || !place) return undefined;
  const found = { source: `network ${zone.network.name}`, ...place, pointers: [] };
  const missing = families.find((family) => place[family].length === 0);
  if (missing === undefined) return found;
  const containers = new Set([...place.ipv4, ...place.ipv6].map((address) => zone.leases.get(address)?.container));
  for (const { network, names, leases } of zones.slice(1)) {
    const more = names.get(name)?.[missing].filter((address) => containers.has(leases.get(address)?.container)) ?? [];
    if (more.length > 0) return { ...found, source: `${found.source}, ${network.name}`, [missing]: more };
  }
  return found;
}

/** Where the container reaches the host: its address on the first network on which it has one of the family. */
function host({ zones }: Scope): Found {
  const hosts = zones.flatMap(({ network }) => network.hosts);
  const first = (family: "ipv4" | "ipv6") => hosts.filter((address) => familyOfText(address) === family).slice(0, 1);
  return { source: "host", ipv4: first("ipv4"), ipv6: first("ipv6"), pointers: [] };
}

/** Addresses of the container's bridge networks are known here or nowhere; those of the LAN that macvlan and ipvlan lead to may have names there. */
function backwards({ zones }: Scope, name: string): Found | undefined {
  if (!name.endsWith(".arpa")) return undefined;
  const address = addressOfReverse(name);
  const ip = address === undefined ? undefined : parseIp(address);
  if (address === undefined || ip === undefined) return undefined;
  const pointer = (source: string, text: string): Found => ({ source, ipv4: [], ipv6: [], pointers: [text] });
  for (const { network, leases } of zones) {
    // a container may have a name of more bytes than a label holds
    const known = leases
      .get(address)
      ?.names.map((each) => `${each}.${network.name}`)
      .find(isDomainName);
    if (known !== undefined) return pointer(`network ${network.name}`, known);
    if (network.hosts.includes(address)) return pointer("host", "host.tsns.internal");
  }
  const own = zones.find(({ network }) => network.subnets.some((subnet) => contains(subnet, ip)));
  return own && { source: `network ${own.network.name}`, ipv4: [], ipv6: [], pointers: [] };
}

function contains(subnet: string, ip: NonNullable<ReturnType<typeof parseIp>>): boolean {
  const parsed = parseIpSubnet(subnet);
  return parsed !== undefined && ipContains(parsed, ip);
}
