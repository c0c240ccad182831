// Which subnet a new network gets and which address a new endpoint gets: pure choices over what is taken.
// Knows neither how routes are read nor how leases are stored.
import { TsnsError } from "../base/error.ts";
import { contains, lastOf, overlaps, parseSubnet, type Subnet } from "./address.ts";
import { type IpFamily, ipContains, ipLastOf, parseIp, renderIp, requireIpSubnet, usableRange } from "./ip.ts";
import type { NetworkPool } from "./spec.ts";

/** A range from which subnets of one size are cut. */
export interface Pool {
  readonly range: string;
  readonly prefixLength: number;
}

/** Tried in order. The first gives each network 4,093 endpoints; the others are for hosts whose routes cover it. */
export const defaultPools: readonly Pool[] = [
  { range: "10.66.0.0/16", prefixLength: 20 },
  { range: "10.67.0.0/16", prefixLength: 24 },
  { range: "192.168.128.0/17", prefixLength: 24 },
  { range: "172.16.0.0/12", prefixLength: 24 },
];

/** Where docker (172.17.0.0/16 and up, 192.168.0.0/16) and podman (10.88.0.0/16 and up) make networks when they are started later. */
const foreignPools: readonly string[] = ["172.16.0.0/12", "192.168.0.0/16", "10.88.0.0/13"];

/**
 * First subnet of the pools that overlaps nothing of `taken` (subnets of the host's routes and addresses) and, if
 * there is such a one, nothing of `avoid` either. Prefixes 0 and 1 in `taken` are default routes (VPN clients split
 * theirs in two halves) and do not count. Undefined when all is taken.
 */
export function chooseSubnet(
  pools: readonly Pool[],
  taken: readonly Subnet[],
  avoid: readonly string[] = foreignPools,
): Subnet | undefined {
  const real = taken.filter((subnet) => subnet.prefixLength > 1);
  return firstFree(pools, [...real, ...avoid.map(parseSubnet)]) ?? firstFree(pools, real);
}

function firstFree(pools: readonly Pool[], taken: readonly Subnet[]): Subnet | undefined {
  for (const pool of pools) {
    const range = parseSubnet(pool.range);
    const step = 2 ** (32 - pool.prefixLength);
    let base = range.base;
    while (base <= lastOf(range)) {
      const candidate: Subnet = { base, prefixLength: pool.prefixLength };
      const obstacle = taken.find((subnet) => overlaps(subnet, candidate));
      if (!obstacle) return candidate;
      base = Math.max(base + step, lastOf(obstacle) + 1);
    }
  }
  return undefined;
}

/** The first usable address of a subnet, the gateway's. */
export function gatewayOf(subnet: Subnet): number {
  return subnet.base + 1;
}

/**
 * The next address after `lastGiven` (wrapping around) within `range` (default: the subnet) that is neither leased nor gateway,
 * network or broadcast address of the subnet; so a freed address rests as long as possible. Undefined when it is full.
 */
export function nextAddress(
  subnet: Subnet,
  gateway: number,
  leased: ReadonlySet<number>,
  lastGiven?: number,
  range: Subnet = subnet,
): number | undefined {
  const first = Math.max(range.base, subnet.base + 1);
  const last = Math.min(lastOf(range), lastOf(subnet) - 1);
  const count = last - first + 1;
  let candidate = lastGiven !== undefined && contains(range, lastGiven) && lastGiven < last ? Math.max(lastGiven + 1, first) : first;
  for (let tried = 0; tried < count; tried++) {
    if (candidate !== gateway && !leased.has(candidate)) return candidate;
    candidate = candidate === last ? first : candidate + 1;
  }
  return undefined;
}

/**
 * The next address of a pool after `last` (wrapping around) that an endpoint can have: within ipRange, not taken, neither the gateway
 * nor reserved, not the network's or broadcast address (IPv4) nor the subnet-router anycast address (IPv6); so a freed address
 * rests as long as possible. `taken` holds addresses in their one spelling; those of other pools do no harm. Undefined: it is full.
 */
export function nextFree(pool: NetworkPool, taken: ReadonlySet<string>, last?: string): string | undefined {
  const { family, lowest, highest } = assignable(pool);
  const barred = barredOf(pool);
  const previous = last === undefined ? undefined : parseIp(last);
  const isInside = previous?.family === family && previous.value >= lowest && previous.value < highest;
  const start = isInside ? previous.value + 1n : lowest;
  // Each step but the last meets an address that is taken or barred: short in a /64 too.
  for (let candidate = start; candidate <= highest; ) {
    const text = renderIp({ family, value: candidate });
    if (!taken.has(text) && !barred.has(text)) return text;
    candidate = candidate === highest ? lowest : candidate + 1n;
    if (candidate === start) return undefined;
  }
  return undefined;
}

/** What nextFree walks over; empty (lowest above highest) where an ipRange holds nothing but the subnet's ends. */
function assignable(pool: NetworkPool): { readonly family: IpFamily; readonly lowest: bigint; readonly highest: bigint } {
  const subnet = requireIpSubnet(pool.subnet);
  const range = pool.ipRange === undefined ? subnet : requireIpSubnet(pool.ipRange);
  const usable = usableRange(subnet);
  const end = ipLastOf(range);
  return {
    family: subnet.family,
    lowest: atLeast(range.base, usable.first),
    highest: end - atLeast(end - usable.last, 0n),
  };
}

/** Math.max of bigints. */
function atLeast(value: bigint, least: bigint): bigint {
  if (value > least) return value;
  return least;
}

/** Addresses of a pool that are the gateway's or reserved: no endpoint is given one. */
export function barredOf({ gateway, reserved = {} }: NetworkPool): ReadonlySet<string> {
  return new Set([...(gateway === undefined ? [] : [gateway]), ...Object.values(reserved)]);
}

/**
 * The pool of a network that an address asked for (--ip, --ip6) lies in; it may be outside of ipRange, as with docker.
 * Throws TsnsError invalid `foreign-address`, conflict `address-taken` for gateway and reserved addresses (exit code 125).
 */
export function checkAsked(network: string, pools: readonly NetworkPool[], text: string): NetworkPool {
  const ip = parseIp(text);
  const pool = ip && pools.find(({ subnet }) => ipContains(requireIpSubnet(subnet), ip));
  if (!ip || !pool) {
    throw new TsnsError("invalid", "foreign-address", `Invalid address ${text}: It does not belong to any of this network's subnets`, {
      hint: `network ${network} has ${pools.map(({ subnet }) => subnet).join(", ") || "none"}`,
      exitCode: 125,
    });
  }
  const { first, last } = usableRange(requireIpSubnet(pool.subnet));
  if (ip.value < first || ip.value > last) {
    throw new TsnsError("invalid", "foreign-address", `Invalid address ${text}: it is the first or last address of ${pool.subnet}`, {
      hint: "give one in between",
      exitCode: 125,
    });
  }
  const holder = holderOf(pool, renderIp(ip));
  if (holder === undefined) return pool;
  throw new TsnsError("conflict", "address-taken", `network ${network}: Address already in use: ${text} is ${holder}`, {
    hint: "choose another",
    exitCode: 125,
  });
}

function holderOf({ gateway, reserved = {} }: NetworkPool, address: string): string | undefined {
  if (address === gateway) return "its gateway";
  const reason = Object.entries(reserved).find(([, value]) => value === address)?.[0];
  return reason === undefined ? undefined : `reserved for ${reason}`;
}
