// How ::1 of the host reaches a published port of a container: what the host asks from ::1 gets a source of its own, and answers to that
// come in by lo again, where the kernel takes ::1 (net/ipv6/route.c, rt6_need_strict; ip6_input.c drops it elsewhere). IPv4 has route_localnet
// for it. Pure.
import { parseIp } from "./ip.ts";
import { assemble, line, type PacketInstruction } from "./packet-program.ts";

/** Nobody's address: only connections of the host's ::1 have it, between rewriting and the container (RFC 4193). */
export const loopbackSource = "fd74:736e:7300::1";

const at = { type: 12, target: 38 } as const; // linux/if_ether.h, ipv6.h
const etherTypeIpv6 = 0x86dd;

/** cls_bpf's answers without TCA_BPF_FLAG_ACT_DIRECT. */
const answer = { matches: 0xffffffff, other: 0 } as const;

/** Matches frames to that address. */
export function loopbackReturnProgram(): readonly PacketInstruction[] {
  const { value } = parseIp(loopbackSource) ?? { value: 0n };
  const words = [96n, 64n, 32n, 0n].map((shift) => Number((value >> shift) & 0xffffffffn));
  return assemble([
    line.loadLength(),
    line.requireAtLeast(54, "other"),
    line.load("half", at.type),
    line.requireEqual(etherTypeIpv6, "other"),
    // The last word differs from those of most addresses.
    ...words
      .map((word, nth) => [line.load("word", at.target + 4 * nth), line.requireEqual(word, "other")])
      .toReversed()
      .flat(),
    line.answer(answer.matches),
    line.label("other"),
    line.answer(answer.other),
  ]);
}
