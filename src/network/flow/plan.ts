// Entries of connection tracking that lead to an address nobody has, and the plan that takes them away. Pure.
import type { Plan } from "../../plan/plan.ts";
import type { IpFamily } from "../../plan/rule.ts";
import type { FlowTuple } from "../../plan/step/conntrack.ts";
import { type IpAddress, renderIp } from "../rule/address.ts";
import { type Flow, renderEndpoint, rewrittenDestination } from "./flow.ts";

/** A network of this host's own, in which every address that is in use is known. */
export interface KnownNetwork {
  readonly family: IpFamily;
  readonly base: bigint;
  readonly mask: bigint;
  /** The bridge it is on, or this host's end of a pair. */
  readonly link: string;
}

/** What is known of who has which address. */
export interface Population {
  readonly networks: readonly KnownNetwork[];
  /** Whether a namespace of this host has the address, or a bridge has lately seen it. */
  isTaken(ip: IpAddress): boolean;
}

/** The address of a container that is gone: the one that answers, or that asks, in a network whose members are all known. */
export function deadAddress(flow: Flow, { networks, isTaken }: Population): IpAddress | undefined {
  const ends = [flow.reply.source, flow.original.source];
  return ends.find((ip) => {
    const network = networks.find(({ family, base, mask }) => family === ip.family && (ip.value & mask) === base);
    return network !== undefined && !isTaken(ip);
  });
}

/** How the kernel is told which one is meant. */
export function tupleOf({ original, protocolNumber, zone }: Flow): FlowTuple {
  return {
    family: original.source.family,
    protocol: protocolNumber,
    source: renderIp(original.source),
    destination: renderIp(original.destination),
    sourcePort: original.sourcePort,
    destinationPort: original.destinationPort,
    ...(zone === 0 ? {} : { zone }),
  };
}

/** One step per stale entry. There is no way back, and none is needed: a connection that lives is tracked anew by its next packet. */
export function planFlush(stale: readonly { readonly flow: Flow; readonly dead: IpAddress }[]): Plan {
  return {
    steps: stale.map(({ flow, dead }) => {
      const to = rewrittenDestination(flow);
      const what = to ? `still sends packets to ${renderEndpoint(to.ip, to.port)}` : "is still remembered";
      return {
        step: { kind: "flow.remove", tuple: tupleOf(flow) },
        because: `nobody has ${renderIp(dead)}, and the connection ${what}`,
      };
    }),
  };
}
