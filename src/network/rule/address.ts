// What rules say of IP addresses of both families: address with mask, range. Knows no options.
import type { IpFamily } from "../../plan/rule.ts";
import { parseAddress } from "../address.ts";
import { bitsOf, type IpAddress, parseIp, renderIp } from "../ip.ts";

export { type IpAddress, parseIp, renderIp };

const hostMask = 0xffffffffn;

/** Addresses whose bits under `mask` are those of `base`. */
export interface AddressBlock {
  readonly family: IpFamily;
  /** Bits outside the mask are clear. */
  readonly base: bigint;
  readonly mask: bigint;
  /** Undefined when the ones of the mask are not contiguous. */
  readonly prefixLength?: number;
}

/** `10.1.0.0/16`, `10.1.0.0/255.255.0.0`, `fd00::/8`, or an address alone; undefined for anything else (a host name). */
export function parseBlock(text: string): AddressBlock | undefined {
  if (text.endsWith("/32")) {
    const host = parseAddress(text.slice(0, -3));
    if (host !== undefined) return { family: "ipv4", base: BigInt(host), mask: hostMask, prefixLength: 32 };
  }
  const slash = text.indexOf("/");
  const ip = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (!ip) return undefined;
  const bits = bitsOf[ip.family];
  const mask = slash < 0 ? maskOfPrefix(bits, bits) : parseMask(text.slice(slash + 1), ip.family);
  if (mask === undefined) return undefined;
  const prefixLength = prefixOf(mask, bits);
  return { family: ip.family, base: ip.value & mask, mask, ...(prefixLength === undefined ? {} : { prefixLength }) };
}

function parseMask(text: string, family: IpFamily): bigint | undefined {
  const bits = bitsOf[family];
  if (/^(0|[1-9]\d{0,2})$/.test(text)) return Number(text) <= bits ? maskOfPrefix(Number(text), bits) : undefined;
  const mask = parseIp(text);
  return mask?.family === family ? mask.value : undefined;
}

function maskOfPrefix(prefixLength: number, bits: number): bigint {
  return ((1n << BigInt(prefixLength)) - 1n) << BigInt(bits - prefixLength);
}

function prefixOf(mask: bigint, bits: number): number | undefined {
  const inverse = maskOfPrefix(bits, bits) ^ mask;
  if ((inverse & (inverse + 1n)) !== 0n) return undefined;
  return inverse === 0n ? bits : bits - inverse.toString(2).length;
}

/** Whether an address lies in the block; an address of the other family never does. */
export function blockContains(block: AddressBlock, ip: IpAddress): boolean {
  return block.family === ip.family && (ip.value & block.mask) === block.base;
}

/** A single address without its prefix, else `10.1.0.0/16`; an odd mask is written out. */
export function renderBlock({ family, base, mask, prefixLength }: AddressBlock): string {
  const address = renderIp({ family, value: base });
  if (prefixLength === bitsOf[family]) return address;
  return `${address}/${prefixLength ?? renderIp({ family, value: mask })}`;
}

/** First and last of a range of addresses, both included. */
export interface AddressRange {
  readonly from: IpAddress;
  readonly to: IpAddress;
}

/** `10.1.0.5-10.1.0.9` or one address. */
export function parseAddressRange(text: string): AddressRange | undefined {
  const [first = "", last = first] = text.split("-");
  const [from, to] = [parseIp(first), parseIp(last)];
  return from && to && from.family === to.family ? { from, to } : undefined;
}

export function renderAddressRange({ from, to }: AddressRange): string {
  return from.value === to.value ? renderIp(from) : `${renderIp(from)}-${renderIp(to)}`;
}
