// Links, bridges and bridge ports as the kernel lists them. Values only; they are decoded in src/kernel/netlink/.

/** A link; numbers are interface indices, 0 or absent for none. */
export interface Link {
  readonly index: number;
  readonly name: string;
  /** "bridge", "veth", "vlan" ...; empty for hardware and loopback. */
  readonly kind: string;
  readonly mac: string;
  readonly mtu: number;
  readonly up: boolean;
  /** IF_OPER_*, RFC 2863: 6 is up. */
  readonly operationalState: number;
  readonly master?: number;
  /** The veth peer's or the lower link's index, in the namespace `peerNamespaceId` if that is given, else in this one. */
  readonly peerIndex?: number;
  /** Id this network namespace has for the peer's (ip-netns(8)). */
  readonly peerNamespaceId?: number;
  /** Absent where the listing was asked to leave them out. */
  readonly counters?: LinkCounters;
  readonly bridge?: BridgeState;
  /** As a port of a bridge. */
  readonly port?: BridgePortState;
}

/** struct rtnl_link_stats64: since the link was made, as the host sees the link. */
export interface LinkCounters {
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly rxPackets: number;
  readonly txPackets: number;
  readonly rxErrors: number;
  readonly txErrors: number;
  readonly rxDropped: number;
  readonly txDropped: number;
}

export type PortState = "disabled" | "listening" | "learning" | "forwarding" | "blocking";

/** IFLA_BR_*, linux/if_link.h. Times in hundredths of a second (USER_HZ). */
export interface BridgeState {
  /** Priority and hardware address as brctl writes them, "8000.02740a420001". */
  readonly id: string;
  readonly stp: boolean;
  readonly priority: number;
  readonly rootId: string;
  readonly rootPort: number;
  readonly rootPathCost: number;
  readonly maxAgeCentiseconds: number;
  readonly helloTimeCentiseconds: number;
  readonly forwardDelayCentiseconds: number;
  readonly ageingTimeCentiseconds: number;
  readonly helloTimerCentiseconds: number;
  readonly tcnTimerCentiseconds: number;
  readonly topologyChangeTimerCentiseconds: number;
  readonly gcTimerCentiseconds: number;
  readonly topologyChange: boolean;
  readonly topologyChangeDetected: boolean;
}

/** IFLA_BRPORT_*, linux/if_link.h. */
export interface BridgePortState {
  readonly number: number;
  readonly state: PortState;
  readonly hairpin: boolean;
  /** Frames are not forwarded to other isolated ports. */
  readonly isolated: boolean;
  readonly priority: number;
  readonly pathCost: number;
  /** Priority and number in one, 0x8001. */
  readonly id: number;
  readonly rootId: string;
  readonly designatedBridgeId: string;
  readonly designatedPort: number;
  readonly designatedCost: number;
  readonly messageAgeTimerCentiseconds: number;
  readonly forwardDelayTimerCentiseconds: number;
  readonly holdTimerCentiseconds: number;
  readonly topologyChangeAck: boolean;
  readonly configPending: boolean;
}

/** A bridge with its ports. */
export interface BridgePorts {
  readonly bridge: Link;
  readonly ports: readonly Link[];
}

/** One line of a bridge's forwarding table. */
export interface ForwardingEntry {
  /** Port the address was seen at. */
  readonly linkIndex: number;
  readonly bridgeIndex: number;
  readonly mac: string;
  /** An address of the port itself. */
  readonly local: boolean;
  /** Does not age. */
  readonly fixed: boolean;
  /** Hundredths of a second since a frame with it came in. */
  readonly ageCentiseconds: number;
  readonly vlan?: number;
}
