// Where an address is, seen from this host: an address of its own, or behind which link. Reads /proc/net, synchronously; both families.
import { ipContains, renderIpSubnet } from "../../network/ip.ts";
import { type IpAddress, parseBlock, parseIp, renderIp } from "../../network/rule/address.ts";
import { parseFibTrie, readRoutes, readTable } from "./route.ts";

export interface Place {
  /** An address of this host. */
  readonly local: boolean;
  /** The link that packets to it leave by. */
  readonly link?: string;
  /** The subnet directly behind the link; absent behind a gateway. */
  readonly subnet?: string;
}

/** The place of an IPv4 or IPv6 address; undefined when no route leads there. */
export function readPlace(address: string): Place | undefined {
  const ip = parseIp(address);
  if (!ip) return undefined;
  return ip.family === "ipv4" ? placeOfIpv4(ip) : placeOfIpv6(ip, readTable("/proc/self/net/ipv6_route"));
}

function placeOfIpv4(ip: IpAddress): Place | undefined {
  const own = parseFibTrie(readTable("/proc/self/net/fib_trie"), ["LOCAL"]);
  if (own.some(({ base, prefixLength }) => prefixLength === 32 && base === ip.value) || ip.value >> 24n === 127n) return { local: true };
  const found = readRoutes()
    .filter(({ destination }) => ipContains(destination, ip))
    .sort((one, other) => other.destination.prefixLength - one.destination.prefixLength)[0];
  if (!found) return undefined;
  return { local: false, link: found.link, ...(found.gateway === 0 ? { subnet: renderIpSubnet(found.destination) } : {}) };
}

/** Flags of linux/ipv6_route.h and linux/route.h. */
const flag = { gateway: 0x2, reject: 0x200, local: 0x80000000 } as const;

/** From the text of /proc/net/ipv6_route (all tables, proc_pid_net(5)). */
export function placeOfIpv6(ip: IpAddress, text: string): Place | undefined {
  let best: { readonly prefixLength: number; readonly place: Place } | undefined;
  for (const line of text.split("\n")) {
    const fields = line.trim().split(/\s+/);
    const [destination = "", prefixHex = ""] = fields;
    const flags = Number.parseInt(fields[8] ?? "", 16);
    const link = fields[9];
    if (!/^[0-9a-f]{32}$/.test(destination) || link === undefined || Number.isNaN(flags) || (flags & flag.reject) !== 0) continue;
    const prefixLength = Number.parseInt(prefixHex, 16);
    if (!(prefixLength <= 128) || (best && best.prefixLength >= prefixLength)) continue;
    const base = BigInt(`0x${destination}`);
    const shift = BigInt(128 - prefixLength);
    if (base >> shift !== ip.value >> shift) continue;
    const subnet = `${renderIp({ family: "ipv6", value: (base >> shift) << shift })}/${prefixLength}`;
    const isLocal = (flags & flag.local) >>> 0 === flag.local;
    const behind = (flags & flag.gateway) === 0 ? { subnet } : {};
    best = { prefixLength, place: isLocal ? { local: true } : { local: false, link, ...behind } };
  }
  return best?.place;
}

/** Whether an address belongs to this host. */
export const isOwnAddress = (address: string): boolean => parseBlock(address) !== undefined && readPlace(address)?.local === true;

/** Whether this network namespace has a link of exactly that name; `eth+` is any whose name begins with eth. */
export function hasExactLink(name: string): boolean {
  const links = readTable("/proc/self/net/dev")
    .split("\n")
    .map((line) => line.slice(0, Math.max(line.indexOf(":"), 0)).trim());
  return name.endsWith("+") ? links.some((link) => link !== "" && link.startsWith(name.slice(0, -1))) : links.includes(name);
}
