// IPv4 addresses and subnets as numbers and back. Knows nothing of routes, pools or links.
import { TsnsError } from "../base/error.ts";

/** An IPv4 network: `base` has all host bits clear; numbers are unsigned 32 bit. */
export interface Subnet {
  readonly base: number;
  readonly prefixLength: number;
}

const decimalByte = /^(0|[1-9]\d{0,2})$/;

/** Dotted quad to an unsigned number, undefined for anything else (leading zeros too: inet_aton(3) reads them as octal). */
export function parseAddress(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!decimalByte.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

export function renderAddress(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

/** The netmask of a prefix length 0 to 32. */
export function maskOf(prefixLength: number): number {
  return prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0;
}

/** Prefix length of a netmask, undefined when its ones are not contiguous. */
export function prefixOfMask(mask: number): number | undefined {
  const prefixLength = Math.clz32(~mask >>> 0);
  return maskOf(prefixLength) === mask >>> 0 ? prefixLength : undefined;
}

/** The subnet an address with a prefix length lies in: host bits are cleared. */
export function subnetOf(address: number, prefixLength: number): Subnet {
  return { base: (address & maskOf(prefixLength)) >>> 0, prefixLength };
}

/** `10.1.2.0/24`; host bits are cleared. Throws TsnsError invalid `bad-subnet`. */
export function parseSubnet(text: string): Subnet {
  const [addressText = "", prefixText = "", ...rest] = text.split("/");
  const address = parseAddress(addressText);
  const prefixLength = /^(0|[1-9]\d?)$/.test(prefixText) ? Number(prefixText) : 33;
  if (address === undefined || prefixLength > 32 || rest.length > 0) {
    throw new TsnsError("invalid", "bad-subnet", `"${text}" is not an IPv4 subnet`, { hint: "write it like 10.1.2.0/24" });
  }
  return subnetOf(address, prefixLength);
}

export function renderSubnet(subnet: Subnet): string {
  return `${renderAddress(subnet.base)}/${subnet.prefixLength}`;
}

/** Number of addresses, network and broadcast address counted. */
export function sizeOf(subnet: Subnet): number {
  return 2 ** (32 - subnet.prefixLength);
}

/** The highest address: the broadcast address of prefixes up to 30. */
export function lastOf(subnet: Subnet): number {
  return subnet.base + sizeOf(subnet) - 1;
}

export function contains(subnet: Subnet, address: number): boolean {
  return (address & maskOf(subnet.prefixLength)) >>> 0 === subnet.base;
}

/** True when the two share an address. */
export function overlaps(one: Subnet, other: Subnet): boolean {
  const prefixLength = Math.min(one.prefixLength, other.prefixLength);
  return (one.base & maskOf(prefixLength)) >>> 0 === (other.base & maskOf(prefixLength)) >>> 0;
}

/** True for a well-formed IPv6 address (RFC 4291 section 2.2), without zone or brackets. Kept here: node:net is slow to load. */
export function isIpv6Address(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  let count = groups.length;
  const last = groups.at(-1);
  if (last?.includes(".")) {
    if (parseAddress(last) === undefined || text.endsWith("::")) return false;
    groups.pop();
    count += 1;
  }
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false;
  return halves.length === 2 ? count <= 7 : count === 8;
}
