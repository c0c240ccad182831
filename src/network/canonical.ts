// IP addresses of both families in one spelling each, so that they can be compared as text. Pure.
import { isIpv6Address, parseAddress, renderAddress } from "./address.ts";

/** Eight groups of an IPv6 address that is known to be well formed. */
export function groupsOfIpv6(text: string): readonly number[] {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const tail = dotted ? (parseAddress(dotted[2] ?? "") ?? 0) : 0;
  const source = dotted ? `${dotted[1]}${(tail >>> 16).toString(16)}:${(tail & 0xffff).toString(16)}` : text;
  const [left = "", right] = source.split("::");
  const words = (part: string) =>
    part
      .split(":")
      .filter((word) => word !== "")
      .map((word) => Number.parseInt(word, 16));
  const head = words(left);
  const rest = right === undefined ? [] : words(right);
  const gap = right === undefined ? 0 : 8 - head.length - rest.length;
  return [...head, ...Array.from({ length: Math.max(gap, 0) }, () => 0), ...rest];
}

/** RFC 5952: lower case, the longest run of zeros (two or more, the first of equals) as `::`. */
export function renderIpv6(groups: readonly number[]): string {
  let best = { at: -1, length: 1 };
  for (let at = 0; at < groups.length; at++) {
    let length = 0;
    while (groups[at + length] === 0) length++;
    if (length > best.length) best = { at, length };
    at += length;
  }
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  if (best.at < 0) return hex(groups);
  return `${hex(groups.slice(0, best.at))}::${hex(groups.slice(best.at + best.length))}`;
}

/** One spelling per address; an IPv4 address mapped into IPv6 becomes IPv4. Undefined for anything that is no address. */
export function canonicalAddress(text: string): string | undefined {
  const ipv4 = parseAddress(text);
  if (ipv4 !== undefined) return renderAddress(ipv4);
  const bare = text.replace(/^\[(.*)\]$/, "$1").replace(/%.*$/, "");
  if (!isIpv6Address(bare)) return undefined;
  const groups = groupsOfIpv6(bare);
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  return mapped ? renderAddress(((groups[6] ?? 0) * 65536 + (groups[7] ?? 0)) >>> 0) : renderIpv6(groups);
}
