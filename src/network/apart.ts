// Containers of a network that are not to reach each other (enable_icc=false): each may send frames to the host alone, and what it sends to everybody
// is passed on to nobody else. Not by ports isolated from each other: where br_netfilter is at work, a packet to a published port of a
// neighbour is rewritten on the bridge and goes from port to port (br_netfilter_hooks.c, bridged_dnat). Pure.
import { bridgeValues, portValues } from "./message-bridge.ts";
import { assemble, line, type PacketInstruction, verdict } from "./packet-program.ts";

/** linux/if_link.h: IFLA_BRPORT_*, IFLA_BR_*. */
const floods = { multicast: 27, broadcast: 30 } as const;
const multicastSnooping = 23;

const off = (type: number) => ({ type, value: Uint8Array.of(0) });

/** Drops frames to any hardware address but the host's and those of groups. */
export function apartProgram(hostMac: Uint8Array): readonly PacketInstruction[] {
  const view = new DataView(hostMac.buffer, hostMac.byteOffset, hostMac.length);
  return assemble([
    line.loadLength(),
    line.requireAtLeast(14, "drop"),
    line.load("byte", 0),
    line.and(1),
    line.requireEqual(0, "pass"),
    line.load("word", 0),
    line.requireEqual(view.getUint32(0), "drop"),
    line.load("half", 4),
    line.requireEqual(view.getUint16(4), "drop"),
    ...[line.label("pass"), line.answer(verdict.next), line.label("drop"), line.answer(verdict.drop)],
  ]);
}

/**
 * A port to which the bridge passes on nothing for groups and everybody that came in by another port; what the host itself sends still comes
 * (br_flood). Snooping goes, as by it a container that plays the querier would be heard by those who joined a group.
 */
export const apartMessages = (hostLink: string, bridgeIndex: number): readonly Uint8Array[] => [
  portValues({ name: hostLink }, [off(floods.broadcast), off(floods.multicast)]),
  bridgeValues({ index: bridgeIndex }, [off(multicastSnooping)]),
];
