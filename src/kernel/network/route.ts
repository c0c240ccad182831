// The IPv4 routes of this host, read synchronously. Which subnets they and others take is in taken.ts.
import { readFileSync } from "node:fs";
import { littleEndian } from "../../base/byte-order.ts";
import { isErrno } from "../../base/error.ts";
import { parseAddress, prefixOfMask } from "../../network/address.ts";
import { type IpSubnet, ipSubnetOf } from "../../network/ip.ts";

export interface Route {
  readonly link: string;
  readonly destination: IpSubnet;
  /** 0 for a directly connected network. */
  readonly gateway: number;
}

/** /proc/net/route: the main table (proc_net_route(5)); addresses are hexadecimal in memory order. */
export function parseRoutes(text: string): Route[] {
  return text
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const fields = line.trim().split(/\s+/);
      const [link, destination, gateway] = fields;
      const mask = fields[7];
      if (link === undefined || destination === undefined || gateway === undefined || mask === undefined) return [];
      const prefixLength = prefixOfMask(parseHexAddress(mask)) ?? 32;
      return [{ link, destination: ipv4Subnet(parseHexAddress(destination), prefixLength), gateway: parseHexAddress(gateway) }];
    });
}

const ipv4Subnet = (address: number, prefixLength: number): IpSubnet =>
  ipSubnetOf({ family: "ipv4", value: BigInt(address) }, Math.min(prefixLength, 32));

/** Eight hex digits as the kernel prints a __be32 with %08X. */
function parseHexAddress(hex: string): number {
  const value = Number.parseInt(hex, 16) >>> 0;
  if (!littleEndian) return value;
  return (((value & 255) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}

/** Types of routes whose destinations are in use, rtnetlink(7). */
const usingTypes: readonly string[] = ["LOCAL", "UNICAST", "BLACKHOLE", "UNREACHABLE"];

/** /proc/net/fib_trie: routes and addresses of all tables. A line `|-- 10.1.2.0` is followed by lines such as `/24 link UNICAST`. */
export function parseFibTrie(text: string, types: readonly string[] = usingTypes): IpSubnet[] {
  const subnets: IpSubnet[] = [];
  let address: number | undefined;
  for (const line of text.split("\n")) {
    const leaf = /^\s*\|--\s+(\S+)/.exec(line);
    if (leaf) address = parseAddress(leaf[1] ?? "");
    const entry = /^\s*\/(\d+)\s+\S+\s+(\w+)/.exec(line);
    if (!entry || address === undefined) continue;
    if (types.includes(entry[2] ?? "")) subnets.push(ipv4Subnet(address, Number(entry[1])));
  }
  return subnets;
}

/** A table below /proc/net; empty where there is none, or it is not ours to see. */
export function readTable(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES")) return "";
    throw error;
  }
}

/** Routes of the main table of the current network namespace. */
export function readRoutes(): Route[] {
  return parseRoutes(readTable("/proc/self/net/route"));
}

/** The link of the default route, undefined without one. Its MTU is the one that containers' packets have to fit in. */
export function readUplink(): string | undefined {
  return readRoutes().find((route) => route.destination.prefixLength === 0 && route.gateway !== 0)?.link;
}
