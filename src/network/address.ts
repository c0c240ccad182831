// IPv4 addresses and netmasks as numbers and back, and what an IPv6 address looks like. Subnets of both families are in ip.ts.
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
function maskOf(prefixLength: number): number {
  return prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0;
}

/** Prefix length of a netmask, undefined when its ones are not contiguous. */
export function prefixOfMask(mask: number): number | undefined {
  const prefixLength = Math.clz32(~mask >>> 0);
  return maskOf(prefixLength) === mask >>> 0 ? prefixLength : undefined;
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
