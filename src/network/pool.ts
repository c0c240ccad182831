// Which subnet a new network gets and which address a new endpoint gets: pure choices over what is taken.
// Knows neither how routes are read nor how leases are stored.
import { contains, lastOf, overlaps, parseSubnet, type Subnet } from "./address.ts";

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
