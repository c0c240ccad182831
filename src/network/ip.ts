// IP addresses and subnets of both families as numbers, and back to text. Knows nothing of routes, pools or rules.
import { TsnsError } from "../base/error.ts";
import type { IpFamily } from "../plan/rule.ts";
import { isIpv6Address, parseAddress, renderAddress } from "./address.ts";
import { groupsOfIpv6, renderIpv6 } from "./canonical.ts";

export type { IpFamily };

/** An address: 32 or 128 bits, network byte order as a number. */
export interface IpAddress {
  readonly family: IpFamily;
  readonly value: bigint;
}

/** A network: `base` has all bits behind the prefix clear. */
export interface IpSubnet {
  readonly family: IpFamily;
  readonly base: bigint;
  readonly prefixLength: number;
}

/** Number of bits of an address. */
export const bitsOf: Readonly<Record<IpFamily, 32 | 128>> = { ipv4: 32, ipv6: 128 };

export const families: readonly IpFamily[] = ["ipv4", "ipv6"];

/** As it stands before a port: an IPv6 address in brackets (RFC 3986 section 3.2.2), anything else as it is. */
export const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host);

/** Family of a text that is known to be an address or a subnet. */
export const familyOfText = (text: string): IpFamily => (text.includes(":") ? "ipv6" : "ipv4");

/** `10.1.2.3` or `fd00::1`, undefined for anything else (zones and brackets too). */
export function parseIp(text: string): IpAddress | undefined {
  const four = parseAddress(text);
  if (four !== undefined) return { family: "ipv4", value: BigInt(four) };
  if (!text.includes(":") || !isIpv6Address(text)) return undefined;
  let value = 0n;
  for (const group of groupsOfIpv6(text)) value = (value << 16n) | BigInt(group);
  return { family: "ipv6", value };
}

/** The shortest usual form: RFC 5952 for IPv6. */
export function renderIp({ family, value }: IpAddress): string {
  if (family === "ipv4") return renderAddress(Number(value));
  return renderIpv6(Array.from({ length: 8 }, (_, at) => Number((value >> BigInt(112 - 16 * at)) & 0xffffn)));
}

/** The subnet an address with a prefix length lies in. */
export function ipSubnetOf({ family, value }: IpAddress, prefixLength: number): IpSubnet {
  const hostBits = BigInt(bitsOf[family] - prefixLength);
  return { family, base: (value >> hostBits) << hostBits, prefixLength };
}

/** `10.1.2.0/24`, `fd00:1::/64`; bits behind the prefix are cleared. Undefined for anything else, an address without a length too. */
export function parseIpSubnet(text: string): IpSubnet | undefined {
  const slash = text.indexOf("/");
  const ip = parseIp(text.slice(0, Math.max(slash, 0)));
  const length = text.slice(slash + 1);
  if (!ip || !/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > bitsOf[ip.family]) return undefined;
  return ipSubnetOf(ip, Number(length));
}

/** As parseIpSubnet. Throws TsnsError invalid `bad-subnet`. */
export function requireIpSubnet(text: string): IpSubnet {
  const subnet = parseIpSubnet(text);
  if (subnet) return subnet;
  throw new TsnsError("invalid", "bad-subnet", `"${text}" is not a subnet`, { hint: "write it like 10.1.2.0/24 or fd00:1::/64" });
}

export function renderIpSubnet({ family, base, prefixLength }: IpSubnet): string {
  return `${renderIp({ family, value: base })}/${prefixLength}`;
}

/** Number of addresses, those that no endpoint can have counted too. */
export function ipSizeOf({ family, prefixLength }: IpSubnet): bigint {
  return 1n << BigInt(bitsOf[family] - prefixLength);
}

/** The highest address: of IPv4 prefixes up to 30 the broadcast address. */
export function ipLastOf(subnet: IpSubnet): bigint {
  return subnet.base + ipSizeOf(subnet) - 1n;
}

/** Whether an address lies in the subnet; one of the other family never does. */
export function ipContains(subnet: IpSubnet, { family, value }: IpAddress): boolean {
  return family === subnet.family && value >= subnet.base && value <= ipLastOf(subnet);
}

/** True when the two share an address. */
export function ipOverlaps(one: IpSubnet, other: IpSubnet): boolean {
  return one.family === other.family && one.base <= ipLastOf(other) && other.base <= ipLastOf(one);
}

/** True when all of `inner` lies in `outer`. */
export function ipCovers(outer: IpSubnet, inner: IpSubnet): boolean {
  return outer.prefixLength <= inner.prefixLength && ipContains(outer, { family: inner.family, value: inner.base });
}

/** Lowest and highest address that a host in the subnet can have: RFC 3021 for /31, RFC 4291 2.6.1 (subnet-router anycast) for IPv6. */
export function usableRange(subnet: IpSubnet): { readonly first: bigint; readonly last: bigint } {
  const last = ipLastOf(subnet);
  if (subnet.prefixLength >= bitsOf[subnet.family] - 1) return { first: subnet.base, last };
  return { first: subnet.base + 1n, last: subnet.family === "ipv4" ? last - 1n : last };
}

/** RFC 8200 section 5: Linux takes IPv6 off a link that carries less. */
export const ipv6MinimumMtu = 1280;
