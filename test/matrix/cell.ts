// The cells of the reachability matrix: who asks whom, by which address, on which port. Knows the world's layout by name;
// addresses are world.ts's, what is to come out is expect.ts's.

export type Family = "ipv4" | "ipv6";
export type Protocol = "tcp" | "udp" | "sctp";

/**
 * host: this machine. web, peer: containers of network front. far: of back. plain: of the default network. hidden: of an internal
 * network. open: of a routed one. lan: a machine beside the host that routes everything to it. remote: one behind lan.
 */
export const places = ["host", "web", "peer", "far", "plain", "hidden", "open", "lan", "remote"] as const;
export type Place = (typeof places)[number];

/**
 * Which address is asked. loopback: 127.0.0.1 or ::1 of the host. lan: the host's address on the LAN. gateway: the host's address on the
 * network of the target, or of who asks when the host itself is the target. direct: the target's own.
 */
export type Way = "loopback" | "lan" | "gateway" | "direct";

/** Where a port is published: on all addresses, on 127.0.0.1 and ::1, on the host's LAN addresses, nowhere. */
export type Publication = "any" | "loopback" | "lan" | "none";

export interface Cell {
  readonly origin: Place;
  readonly target: Place;
  readonly way: Way;
  readonly publication: Publication;
  readonly family: Family;
  readonly protocol: Protocol;
}

/** What a world offers; the rest has no cells. */
export interface Extent {
  readonly families: readonly Family[];
  readonly protocols: readonly Protocol[];
  readonly places: readonly Place[];
}

/** All that tsns is asked. */
export const everything: Extent = { families: ["ipv4", "ipv6"], protocols: ["tcp", "udp", "sctp"], places };

/** Port of a container for each publication. */
export const containerPort = { any: 80, loopback: 81, lan: 82, none: 83 } as const satisfies Record<Publication, number>;

/** First host port of a target's publications; the others follow in the order of the container's. */
export const firstHostPort: Readonly<Partial<Record<Place, number>>> = { web: 8080, plain: 8180, hidden: 8280, open: 8380 };

/** Publications of a target's ports. */
const published: Readonly<Partial<Record<Place, readonly Publication[]>>> = {
  web: ["any", "loopback", "lan", "none"],
  plain: ["any", "none"],
  hidden: ["any", "none"],
  open: ["any", "none"],
  far: ["none"],
  lan: ["none"],
  remote: ["none"],
  host: ["none", "loopback"],
};

const isContainer = (place: Place): boolean => !["host", "lan", "remote"].includes(place);

/** By which addresses a target is asked on a port of this publication. */
function waysTo(target: Place, publication: Publication, origin: Place): readonly Way[] {
  if (target === "host") return isContainer(origin) ? ["lan", "gateway"] : origin === "host" ? [] : ["lan"];
  if (!isContainer(target)) return ["direct"];
  if (publication === "none") return ["direct"];
  // 127.0.0.1 of another machine says nothing about this one
  return origin === "lan" || origin === "remote" ? ["lan", "gateway", "direct"] : ["loopback", "lan", "gateway", "direct"];
}

/** All cells of one origin; a host does not ask the machines of the LAN, which no container is part of. */
export function cellsFrom(origin: Place, extent: Extent): readonly Cell[] {
  return extent.places
    .filter((target) => isContainer(target) || (target !== origin && (isContainer(origin) || target === "host")))
    .flatMap((target) => (published[target] ?? []).map((publication) => ({ target, publication })))
    .flatMap(({ target, publication }) => waysTo(target, publication, origin).map((way) => ({ target, publication, way })))
    .flatMap((part) => extent.families.map((family) => ({ ...part, family })))
    .flatMap((part) => extent.protocols.map((protocol) => ({ origin, ...part, protocol })));
}

/** A container's loopback is its own; its IPv6 one may be off. The host's port of a target, the container's where it is asked directly. */
export function portOf({ target, publication, way }: Cell): number {
  if (!isContainer(target) || way === "direct") return containerPort[publication];
  return (firstHostPort[target] ?? 0) + containerPort[publication] - containerPort.any;
}

/** "web any tcp by lan ipv4": what a difference is called, below its origin. */
export const cellName = ({ target, publication, way, family, protocol }: Cell): string =>
  `${target} ${publication} ${protocol} by ${way} ${family}`;
