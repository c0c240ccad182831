// Which subnet a new network gets: pure choices over what is taken, of both families.
// Knows neither how routes are read nor where the settings lie.
import {
  bitsOf,
  type IpFamily,
  type IpSubnet,
  ipLastOf,
  ipOverlaps,
  ipSubnetOf,
  parseIpSubnet,
  renderIpSubnet,
  requireIpSubnet,
} from "./ip.ts";
import { uniqueLocalBits } from "./name.ts";

/** A range from which subnets of one size are cut: docker's `default-address-pools`. */
export interface AddressPool {
  /** `10.66.0.0/16`. */
  readonly base: string;
  /** Prefix length of each subnet. */
  readonly size: number;
}

/** Tried in order. The first gives each network 4,093 endpoints; the others are for hosts whose routes cover it. */
export const defaultPools: readonly AddressPool[] = [
  { base: "10.66.0.0/16", size: 20 },
  { base: "10.67.0.0/16", size: 24 },
  { base: "192.168.128.0/17", size: 24 },
  { base: "172.16.0.0/12", size: 24 },
];

/** The 65,536 networks of /64 below the unique local prefix of a seed (RFC 4193): the same ones for the same seed. */
export function uniqueLocalPool(seed: string): AddressPool {
  const base = (0xfdn << 120n) | (uniqueLocalBits(seed) << 80n);
  return { base: renderIpSubnet({ family: "ipv6", base, prefixLength: 48 }), size: 64 };
}

/** Where docker (172.17.0.0/16 and up, 192.168.0.0/16) and podman (10.88.0.0/16 and up) make networks when they are started later. */
const foreignPools: readonly string[] = ["172.16.0.0/12", "192.168.0.0/16", "10.88.0.0/13"];

/** Default routes, also in two halves (VPN clients) and `2000::/3`: they cover everything and are no obstacle. */
export const isDefaultRoute = ({ family, prefixLength }: IpSubnet): boolean => prefixLength <= (family === "ipv4" ? 1 : 3);

/**
 * First subnet of the pools of a family that overlaps nothing of `taken` (subnets of the host's routes, addresses and networks)
 * and, if there is such a one, nothing of `avoid` either. Undefined when all is taken.
 */
export function chooseSubnet(
  pools: readonly AddressPool[],
  family: IpFamily,
  taken: readonly IpSubnet[],
  avoid: readonly string[] = foreignPools,
): IpSubnet | undefined {
  const real = taken.filter((subnet) => subnet.family === family && !isDefaultRoute(subnet));
  const ranges = pools.map(({ base, size }) => ({ range: requireIpSubnet(base), size })).filter(({ range }) => range.family === family);
  return firstFree(ranges, [...real, ...avoid.map(requireIpSubnet)]) ?? firstFree(ranges, real);
}

/** RFC 1918. */
const privateRanges: readonly string[] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/** RFC 4193: what is made locally. */
const uniqueLocal = requireIpSubnet("fd00::/8");

/**
 * A free subnet instead of one that was asked for and overlaps, of its size: out of the pools, where these are too small out of all private
 * addresses. Where none of that size is left, one of the pools' own size.
 */
export function proposeSubnet(
  pools: readonly AddressPool[],
  { family, prefixLength }: Pick<IpSubnet, "family" | "prefixLength">,
  taken: readonly IpSubnet[],
): IpSubnet | undefined {
  const bases = [...pools.map(({ base }) => base), ...privateRanges].filter((base) => requireIpSubnet(base).prefixLength <= prefixLength);
  return (
    chooseSubnet(
      bases.map((base) => ({ base, size: prefixLength })),
      family,
      taken,
    ) ??
    (family === "ipv6" ? proposeLocal(pools, prefixLength, taken) : undefined) ??
    chooseSubnet(pools, family, taken)
  );
}

/** From somewhere that is the same each time, and another place on another host: RFC 4193 wants no network to begin at fd00::. */
function proposeLocal(pools: readonly AddressPool[], size: number, taken: readonly IpSubnet[]): IpSubnet | undefined {
  if (size < uniqueLocal.prefixLength) return undefined;
  const own = requireIpSubnet(uniqueLocalPool(pools.map(({ base }) => base).join()).base);
  const first = ipSubnetOf({ family: "ipv6", value: own.base }, size).base;
  return firstFree([{ range: uniqueLocal, size, first }], taken) ?? firstFree([{ range: uniqueLocal, size }], taken);
}

interface Range {
  readonly range: IpSubnet;
  readonly size: number;
  /** Where the search begins; absent: with the range. */
  readonly first?: bigint;
}

function firstFree(ranges: readonly Range[], taken: readonly IpSubnet[]): IpSubnet | undefined {
  for (const { range, size, first = range.base } of ranges) {
    const { family } = range;
    const step = 1n << BigInt(bitsOf[family] - size);
    for (let base = first; base <= ipLastOf(range); ) {
      const candidate: IpSubnet = { family, base, prefixLength: size };
      const obstacle = taken.find((subnet) => ipOverlaps(subnet, candidate));
      if (!obstacle) return candidate;
      // Where the obstacle ends, at the next boundary of the size.
      base = ipSubnetOf({ family, value: ipLastOf(obstacle) + step }, size).base;
    }
  }
  return undefined;
}

/** What is wrong with entries of `default-address-pools`; undefined: nothing. */
export function poolFault({ base, size }: AddressPool): string | undefined {
  const range = parseIpSubnet(base);
  if (!range || renderIpSubnet(range) !== base) return `"${base}" is no subnet without host bits`;
  const most = bitsOf[range.family] - 2;
  return Number.isInteger(size) && size >= range.prefixLength && size <= most
    ? undefined
    : `"${base}" cannot be cut into subnets of /${size}: from /${range.prefixLength} to /${most}`;
}
