// What a container may say of itself on its link: which frames it sends carry its own addresses. A program for the host's end of the link. Pure.
//
// Held: the hardware address of every frame, ARP's two sender addresses, the source of IPv4 and IPv6, the target that a neighbour
// advertisement speaks for. Not let through at all: router advertisements and redirects (others take them without asking), and frames with
// a second VLAN tag, below which the same could hide. A question for an address by a host that has none yet (DHCP, duplicate detection,
// group membership) may be asked; who answers DHCP is not held, as nobody on a network of containers asks for it by itself.
import { ipv6LinkLocal } from "./eui64.ts";
import { parseIp } from "./ip.ts";
import { parseMac } from "./mac.ts";
import { assemble, line, type PacketInstruction, type ProgramLine, verdict } from "./packet-program.ts";
import type { Endpoint } from "./spec.ts";

/** Addresses whose packets a link may send. */
export interface OwnAddresses {
  readonly mac: Uint8Array;
  /** 32 bits each. */
  readonly ipv4: readonly number[];
  /** 128 bits each. */
  readonly ipv6: readonly bigint[];
}

/** Those of a place, with the link-local ones that were asked for and the one that the kernel makes of the hardware address. */
export function ownAddresses({ mac, ipv4, ipv6 }: Pick<Endpoint, "mac" | "ipv4" | "ipv6">, more: readonly string[] = []): OwnAddresses {
  const bytes = parseMac(mac) ?? new Uint8Array(6);
  const all = [ipv4?.address, ipv6?.address, ...more].flatMap((text) => parseIp(text ?? "") ?? []);
  return {
    mac: bytes,
    ipv4: all.filter(({ family }) => family === "ipv4").map(({ value }) => Number(value)),
    ipv6: [...all.filter(({ family }) => family === "ipv6").map(({ value }) => value), ipv6LinkLocal(bytes)],
  };
}

/** Offsets from the hardware addresses on: linux/if_ether.h, if_arp.h, ip.h, ipv6.h, RFC 4861. */
const at = {
  source: 6,
  type: 12,
  arp: 14,
  ipv4Source: 26,
  ipv4Target: 30,
  ipv6: 14,
  ipv6Source: 22,
  ipv6Target: 38,
  icmp: 54,
  ndTarget: 62,
};
const etherType = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd, vlan: 0x8100, serviceVlan: 0x88a8 } as const;
/** What stands before another header, behind which a message of neighbour discovery could hide: RFC 8200, AH. */
const extensions = [0, 43, 44, 51, 60];
const icmpv6 = { next: 58, routerAdvertisement: 134, solicitation: 135, advertisement: 136, redirect: 137 } as const;

const wordsOf = (address: bigint): readonly number[] => [96n, 64n, 32n, 0n].map((shift) => Number((address >> shift) & 0xffffffffn));
const wordOf = (bytes: Uint8Array, from: number, length: 2 | 4): number =>
  bytes.subarray(from, from + length).reduce((value, byte) => value * 256 + byte, 0);

/** To `found` when the accumulator is one of the values, else on. */
const anyOf = (values: readonly number[], found: string): readonly ProgramLine[] => values.map((value) => line.whenEqual(value, found));

/** To `found` when the 16 bytes at `offset` are one of the addresses, else on. */
function anyAddress(offset: number, addresses: readonly bigint[], found: string): readonly ProgramLine[] {
  return addresses.flatMap((address, which) => {
    const next = `${offset} is not ${which} for ${found}`;
    const words = wordsOf(address).flatMap((word, nth) => [line.load("word", offset + 4 * nth), line.requireEqual(word, next)]);
    return [...words, line.goto(found), line.label(next)];
  });
}

const longEnough = (bytes: number): readonly ProgramLine[] => [line.loadLength(), line.requireAtLeast(bytes, "drop")];

function hardware(mac: Uint8Array, offset: number): readonly ProgramLine[] {
  const [high, low] = [wordOf(mac, 0, 4), wordOf(mac, 4, 2)];
  return [
    ...[line.load("word", offset), line.requireEqual(high, "drop")],
    ...[line.load("half", offset + 4), line.requireEqual(low, "drop")],
  ];
}

function arpLines({ mac, ipv4 }: OwnAddresses): readonly ProgramLine[] {
  return [
    line.label("arp"),
    ...longEnough(42),
    // Ethernet, IPv4, addresses of 6 and 4 bytes
    ...[line.load("word", at.arp), line.requireEqual(0x00010800, "drop"), line.load("half", at.arp + 4), line.requireEqual(0x0604, "drop")],
    ...hardware(mac, at.arp + 8),
    line.load("word", at.arp + 14),
    ...anyOf([...ipv4, 0], "pass"),
    line.goto("drop"),
  ];
}

function ipv4Lines({ ipv4 }: OwnAddresses): readonly ProgramLine[] {
  return [
    line.label("ipv4"),
    ...longEnough(34),
    line.load("word", at.ipv4Source),
    ...anyOf(ipv4, "pass"),
    line.requireEqual(0, "drop"),
    line.load("word", at.ipv4Target),
    ...anyOf([0xffffffff], "pass"),
    line.and(0xf0000000),
    line.requireEqual(0xe0000000, "drop"),
    line.goto("pass"),
  ];
}

/** Messages of neighbour discovery are those with a hop limit of 255, so nothing else has to be taken apart. */
function ipv6Lines({ ipv6 }: OwnAddresses): readonly ProgramLine[] {
  const discovery = (rest: readonly ProgramLine[]): readonly ProgramLine[] => [
    ...[line.load("byte", at.ipv6 + 7), line.requireEqual(255, "pass")],
    line.load("byte", at.ipv6 + 6),
    ...anyOf(extensions, "drop"),
    line.requireEqual(icmpv6.next, "pass"),
    ...longEnough(at.icmp + 4),
    line.load("byte", at.icmp),
    ...anyOf([icmpv6.routerAdvertisement, icmpv6.redirect], "drop"),
    ...rest,
    line.goto("pass"),
  ];
  return [
    line.label("ipv6"),
    ...longEnough(54),
    ...anyAddress(at.ipv6Source, ipv6, "known"),
    ...anyAddress(at.ipv6Source, [0n], "nobody"),
    line.goto("drop"),
    line.label("nobody"),
    ...[line.load("byte", at.ipv6Target), line.requireEqual(0xff, "drop")],
    ...discovery(anyOf([icmpv6.solicitation, icmpv6.advertisement], "target")),
    line.label("known"),
    ...discovery(anyOf([icmpv6.advertisement], "target")),
    line.label("target"),
    ...longEnough(at.ndTarget + 16),
    ...anyAddress(at.ndTarget, ipv6, "pass"),
    line.goto("drop"),
  ];
}

/** Drops what the container says in another's name, leaves all else to the filters behind it. */
export function spoofProgram(own: OwnAddresses): readonly PacketInstruction[] {
  return assemble([
    ...longEnough(14),
    ...hardware(own.mac, at.source),
    line.load("half", at.type),
    ...anyOf([etherType.ipv4], "ipv4"),
    ...anyOf([etherType.ipv6], "ipv6"),
    ...anyOf([etherType.arp], "arp"),
    ...anyOf([etherType.vlan, etherType.serviceVlan], "drop"),
    line.goto("pass"),
    ...ipv4Lines(own),
    ...ipv6Lines(own),
    ...arpLines(own),
    ...[line.label("pass"), line.answer(verdict.next), line.label("drop"), line.answer(verdict.drop)],
  ]);
}
