// IP addresses of both families as bytes and text, alone and with a prefix length, as rtnetlink messages carry them. Pure.
import { TsnsError } from "../base/error.ts";
import { parseAddress, renderAddress } from "./address.ts";
import { canonicalAddress, groupsOfIpv6, renderIpv6 } from "./canonical.ts";

/** AF_INET and AF_INET6. */
export const family = { ipv4: 2, ipv6: 10 } as const;
export type Family = (typeof family)[keyof typeof family];

/** An address with the length of its network's prefix; `address` in its one spelling. */
export interface Prefix {
  readonly family: Family;
  readonly address: string;
  readonly prefixLength: number;
}

/** Text of 4 or 16 bytes; undefined for another length. */
export function addressOfBytes(bytes: Uint8Array | undefined): string | undefined {
  if (bytes?.length === 4) return [...bytes].join(".");
  if (bytes?.length !== 16) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  return renderIpv6(Array.from({ length: 8 }, (_, at) => view.getUint16(at * 2)));
}

export function familyOf(address: string): Family {
  return address.includes(":") ? family.ipv6 : family.ipv4;
}

/** Number of bits of an address. */
export function bitsOf(which: Family): 32 | 128 {
  return which === family.ipv4 ? 32 : 128;
}

/** Bytes in network order of an address in its one spelling (canonicalAddress). */
export function bytesOfAddress(address: string): Uint8Array {
  const ipv4 = parseAddress(address);
  if (ipv4 !== undefined) return Uint8Array.of(ipv4 >>> 24, (ipv4 >>> 16) & 255, (ipv4 >>> 8) & 255, ipv4 & 255);
  return Uint8Array.from(groupsOfIpv6(address).flatMap((group) => [group >>> 8, group & 255]));
}

/** An address in its one spelling; undefined for anything else, zones and brackets too. */
export function parseIp(text: string): string | undefined {
  return /[%[\]]/.test(text) ? undefined : canonicalAddress(text);
}

/** `10.1.2.3/24`, `fd00::1/64`; without a length the whole address. Undefined for anything else. */
export function parsePrefix(text: string): Prefix | undefined {
  const [first = "", length, ...rest] = text.split("/");
  const address = parseIp(first);
  if (address === undefined || rest.length > 0) return undefined;
  const which = familyOf(address);
  if (length === undefined) return { family: which, address, prefixLength: bitsOf(which) };
  if (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > bitsOf(which)) return undefined;
  return { family: which, address, prefixLength: Number(length) };
}

/** As parsePrefix. Throws TsnsError invalid `bad-address` with exit code 2. */
export function requirePrefix(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix) return prefix;
  throw new TsnsError("invalid", "bad-address", `"${text}" is no address with a prefix length`, {
    hint: "write it like 10.1.2.3/24 or fd00::3/64",
    exitCode: 2,
  });
}

export function renderPrefix({ address, prefixLength }: Omit<Prefix, "family">): string {
  return `${address}/${prefixLength}`;
}

/** The prefix with all bits after its length cleared: the network it names. */
export function networkOf({ family: which, address, prefixLength }: Prefix): Prefix {
  const bytes = bytesOfAddress(address).map((byte, at) => byte & (0xff00 >>> Math.min(Math.max(prefixLength - at * 8, 0), 8)));
  return { family: which, address: addressOfBytes(bytes) ?? address, prefixLength };
}

/** The highest address of an IPv4 network of up to 30 bits, which all of its hosts hear; undefined for others. */
export function broadcastOf({ family: which, address, prefixLength }: Prefix): string | undefined {
  if (which !== family.ipv4 || prefixLength > 30) return undefined;
  const hostBits = prefixLength === 0 ? 0xffffffff : 0xffffffff >>> prefixLength;
  return renderAddress(((parseAddress(address) ?? 0) | hostBits) >>> 0);
}

/** True when the address lies in the network of the prefix. */
export function covers(prefix: Prefix, address: string): boolean {
  if (familyOf(address) !== prefix.family) return false;
  return networkOf({ ...prefix, address }).address === networkOf(prefix).address;
}

/** True when two networks share an address. */
export function prefixesOverlap(one: Prefix, other: Prefix): boolean {
  return one.prefixLength <= other.prefixLength ? covers(one, other.address) : covers(other, one.address);
}
