// A network namespace as a trace sees it: links, addresses, rules, sockets, and how it routes. Values and questions only; who
// answers them is in src/kernel/network/space.ts, or a test.
import type { IpFamily } from "../../plan/rule.ts";
import type { IpAddress } from "../rule/address.ts";
import type { TracedProtocol } from "./packet.ts";
import type { Table } from "./table.ts";

export interface SpaceLink {
  readonly index: number;
  readonly name: string;
  /** "bridge", "veth" ...; empty for hardware and loopback. */
  readonly kind: string;
  readonly up: boolean;
  readonly master?: number;
  readonly port?: { readonly forwarding: boolean; readonly hairpin: boolean; readonly isolated: boolean };
  /** The other end of a veth pair, where its namespace could be read. */
  readonly peer?: { readonly space: string; readonly index: number };
  /** Whose packets its filter lets in: the container's own addresses (src/network/spoof.ts). Absent: anybody's. */
  readonly admits?: readonly IpAddress[];
  /** Its filter lets in what is for the host alone, and for groups (src/network/apart.ts). */
  readonly apart?: boolean;
  /** What comes in for this address goes on as if it came in by lo (src/network/loopback-return.ts). */
  readonly toLoopback?: IpAddress;
}

export interface SpaceAddress {
  readonly link: number;
  readonly ip: IpAddress;
  readonly prefixLength: number;
}

export interface RouteQuery {
  readonly destination: IpAddress;
  readonly source?: IpAddress;
  /** The link the packet came in by; absent for packets of this namespace's own processes. */
  readonly in?: string;
  readonly mark: number;
}

export type RouteAnswer =
  | { readonly kind: "local" }
  | { readonly kind: "unicast"; readonly link: string; readonly gateway?: IpAddress; readonly source?: IpAddress }
  /** errno: EXDEV (reverse path), EINVAL (an address that must not be met there), EHOSTUNREACH, ENETUNREACH, EACCES ... */
  | { readonly kind: "refused"; readonly errno: string }
  /** The kernel could not be asked. */
  | { readonly kind: "unknown"; readonly why: string };

export interface Listener {
  /** The address it is bound to; 0 for all of its family. */
  readonly address: IpAddress;
  readonly port: number;
  /** An IPv6 socket on :: that takes IPv4 as well; undefined where it is not known. */
  readonly takesIpv4?: boolean | undefined;
  readonly inode: number;
}

/** Where a relaying program connects to, from its own namespace. */
export interface RelayTarget {
  readonly ip: IpAddress;
  readonly port: number;
}

export interface Space {
  /** Unique in a world. */
  readonly id: string;
  /** For people: "host", "container web". */
  readonly label: string;
  /** What `tsns ns enter` takes for it; absent for the one tsns runs in. */
  readonly reference?: string;
  readonly links: readonly SpaceLink[];
  readonly addresses: readonly SpaceAddress[];
  /** In the order they are asked at each hook; undefined when they could not be read. */
  tables(family: IpFamily): readonly Table[] | undefined;
  /** Tables of nftables with chains on hooks that iptables does not show: "inet firewalld". */
  readonly foreignTables: readonly string[];
  /** "net.ipv4.ip_forward" -> "1"; undefined when it could not be read. */
  sysctl(key: string): string | undefined;
  route(query: RouteQuery): RouteAnswer;
  /** Undefined when they could not be read. */
  listeners(protocol: TracedProtocol): readonly Listener[] | undefined;
  /** For people: the process behind a socket, "nginx (pid 812)". */
  ownerOf(listener: Listener): string | undefined;
  /** The port that is really listened on for an address and port: the container's relay of names, behind 127.0.0.11 port 53. */
  relayedPort?(ip: IpAddress, port: number): number | undefined;
  /**
   * Where a program that only passes connections on (docker-proxy, a container's monitor) leads those of its socket; undefined for others.
   * `asked`: what a rule of the namespace has led there.
   */
  relayOf?(listener: Listener, protocol: TracedProtocol, asked?: RelayTarget): RelayTarget | undefined;
  /** The port of a bridge at which the forwarding table has the hardware address that the neighbour table has for an address. */
  learnedPort(bridge: SpaceLink, ip: IpAddress): SpaceLink | undefined;
}

export interface World {
  readonly spaces: ReadonlyMap<string, Space>;
}

export const linkByName = (space: Space, name: string): SpaceLink | undefined => space.links.find((link) => link.name === name);
export const linkByIndex = (space: Space, index: number): SpaceLink | undefined => space.links.find((link) => link.index === index);

export const isLocalTo = (space: Space, ip: IpAddress): boolean =>
  (ip.family === "ipv4" && ip.value >> 24n === 127n) ||
  (ip.family === "ipv6" && ip.value === 1n) ||
  space.addresses.some((own) => own.ip.family === ip.family && own.ip.value === ip.value);

/** Whether bridged packets of a family pass the rules of iptables (Documentation/networking/ip-sysctl.rst, bridge-nf-call-*). */
export function bridgeCallsIptables(space: Space, family: IpFamily): boolean {
  return space.sysctl(`net.bridge.bridge-nf-call-${family === "ipv4" ? "iptables" : "ip6tables"}`) === "1";
}
