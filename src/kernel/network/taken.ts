// The subnets that routes and addresses of this host take, of both families, and which links hear router advertisements.
// Reads /proc/net, synchronously.
import { type IpSubnet, ipSubnetOf, parseIpSubnet, renderIpSubnet } from "../../network/ip.ts";
import { parseFibTrie, readRoutes, readTable } from "./route.ts";

/** A subnet that no new network may overlap. */
export interface TakenSubnet {
  readonly subnet: IpSubnet;
  /** An address of this host, or a route. */
  readonly kind: "address" | "route";
  /** Absent where the kernel does not tell (IPv4 routes of other tables than the main one, addresses). */
  readonly link?: string;
}

/** Addresses that mean the host itself, a link or groups: they are on every host and take nothing. */
const everywhere: readonly IpSubnet[] = ["127.0.0.0/8", "224.0.0.0/4", "::1/128", "fe80::/10", "ff00::/8"].flatMap(
  (text) => parseIpSubnet(text) ?? [],
);

function isEverywhere(subnet: IpSubnet): boolean {
  return everywhere.some(({ family, base, prefixLength }) => {
    if (family !== subnet.family || subnet.prefixLength < prefixLength) return false;
    return ipSubnetOf({ family, value: subnet.base }, prefixLength).base === base;
  });
}

/** All of them, those whose link is known first. IPv4: all tables where the kernel shows /proc/net/fib_trie. */
export function readTakenSubnets(): TakenSubnet[] {
  const main = readRoutes().map(({ link, destination }): TakenSubnet => ({ subnet: destination, kind: "route", link }));
  const all = parseFibTrie(readTable("/proc/self/net/fib_trie")).map(
    (subnet): TakenSubnet => ({ subnet, kind: subnet.prefixLength === 32 ? "address" : "route" }),
  );
  const ipv6 = parseIpv6Routes(readTable("/proc/self/net/ipv6_route")).map(
    ({ subnet, isLocal, link }): TakenSubnet => ({ subnet, kind: isLocal ? "address" : "route", link }),
  );
  return [...main, ...all, ...ipv6].filter(({ subnet }) => !isEverywhere(subnet));
}

export interface Ipv6Route {
  readonly subnet: IpSubnet;
  readonly link: string;
  readonly isLocal: boolean;
  /** Learnt from a router advertisement. */
  readonly isAdvertised: boolean;
}

/** Flags of linux/ipv6_route.h and linux/route.h. */
const flag = { addrconf: 0x00040000, anycast: 0x00100000, local: 0x80000000 } as const;

const has = (flags: number, bit: number): boolean => (flags & bit) >>> 0 === bit;

/** The text of /proc/net/ipv6_route: all tables (proc_pid_net(5)). Unreachable networks are taken too. */
export function parseIpv6Routes(text: string): Ipv6Route[] {
  return text.split("\n").flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [destination = "", prefixHex = ""] = fields;
    const flags = Number.parseInt(fields[8] ?? "", 16);
    const link = fields[9];
    const prefixLength = Number.parseInt(prefixHex, 16);
    if (!/^[0-9a-f]{32}$/.test(destination) || link === undefined || Number.isNaN(flags) || !(prefixLength <= 128)) return [];
    if (has(flags, flag.anycast)) return [];
    const subnet = ipSubnetOf({ family: "ipv6", value: BigInt(`0x${destination}`) }, prefixLength);
    return [{ subnet, link, isLocal: has(flags, flag.local), isAdvertised: has(flags, flag.addrconf) }];
  });
}

/** Links with routes from router advertisements: without accept_ra 2 they lose them when forwarding begins (ip-sysctl.rst). */
export function readAdvertisedLinks(): readonly string[] {
  const routes = parseIpv6Routes(readTable("/proc/self/net/ipv6_route"));
  return [...new Set(routes.filter(({ isAdvertised, link }) => isAdvertised && link !== "lo").map(({ link }) => link))];
}

/** "a route to 10.1.0.0/16 by eth0", "the address 10.1.0.1". The kernel's links of unreachable networks (`*`, lo) are none. */
export function describeTaken({ subnet, kind, link = "*" }: TakenSubnet): string {
  const text = renderIpSubnet(subnet);
  const isLink = link !== "*" && link !== "lo";
  if (kind === "address") return `the address ${text.slice(0, text.indexOf("/"))}${isLink ? ` of ${link}` : ""}`;
  return `a route to ${text}${isLink ? ` by ${link}` : ""}`;
}
