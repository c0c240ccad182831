// Which address a new endpoint gets: pure choices over what is taken. Knows nothing of how leases are stored.
import { TsnsError } from "../base/error.ts";
import { type IpFamily, ipContains, ipLastOf, parseIp, renderIp, requireIpSubnet, usableRange } from "./ip.ts";
import type { NetworkPool } from "./spec.ts";

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

/** How full a pool is: addresses nobody else can be given, and how many an endpoint that asks for none can still get. */
export function usageOf(pool: NetworkPool, taken: Iterable<string>): { readonly inUse: bigint; readonly available: bigint } {
  const subnet = requireIpSubnet(pool.subnet);
  const { lowest, highest } = assignable(pool);
  const usable = usableRange(subnet);
  const ends = usable.first - subnet.base + (ipLastOf(subnet) - usable.last);
  const held = [...new Set([...taken, ...barredOf(pool)])].flatMap((text) => {
    const ip = parseIp(text);
    return ip && ipContains(subnet, ip) ? [ip.value] : [];
  });
  const inRange = held.filter((value) => value >= lowest && value <= highest).length;
  return { inUse: ends + BigInt(held.length), available: atLeast(highest - lowest + 1n - BigInt(inRange), 0n) };
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
