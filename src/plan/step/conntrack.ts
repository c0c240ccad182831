// Steps on connection tracking. Values only.
import type { IpFamily } from "../rule.ts";

/** The original direction of a tracked connection, which names it. */
export interface FlowTuple {
  readonly family: IpFamily;
  /** Number of the protocol: 6 tcp, 17 udp ... */
  readonly protocol: number;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly zone?: number;
}

/** Forgets a connection; one that is gone is no error. */
export interface FlowRemove {
  readonly kind: "flow.remove";
  readonly tuple: FlowTuple;
}

/**
 * Forgets connections of a protocol that were opened to one of these ports of the host, or that one of the addresses answers: their next
 * packet asks the rules anew. None is no error.
 */
export interface FlowFlush {
  readonly kind: "flow.flush";
  /** Number of the protocol. */
  readonly protocol: number;
  /** From and to. */
  readonly ports: readonly (readonly [number, number])[];
  readonly addresses: readonly string[];
}

export type ConntrackStep = FlowRemove | FlowFlush;
