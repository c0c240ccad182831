// What listings of links and addresses show beyond link-state.ts, for any network namespace. Values only; decoded in src/kernel/network/.
import type { Family } from "./link-address.ts";
import type { Link } from "./link-state.ts";

export interface LinkDetail extends Link {
  /** "ether", "loopback", "none" ... */
  readonly type: string;
  /** As ip(8) names them: "UP", "LOWER_UP", "NO-CARRIER", "PROMISC" ... */
  readonly flags: readonly string[];
  /** Something at the other end answers. */
  readonly carrier: boolean;
  /** RFC 2863: "UP", "DOWN", "LOWERLAYERDOWN", "UNKNOWN" ... */
  readonly state: string;
  readonly broadcast: string;
  /** 0: the driver names no bound. */
  readonly minimumMtu: number;
  readonly maximumMtu: number;
  readonly txQueueLength: number;
  /** IFF_PROMISC as the administrator set it; `promiscuity` counts who else asked for it. */
  readonly promiscuous: boolean;
  readonly promiscuity: number;
  readonly alias: string;
  readonly qdisc: string;
  /** The peer is in another network namespace, also when that has no id here. */
  readonly peerElsewhere: boolean;
}

export interface AddressState {
  readonly linkIndex: number;
  readonly family: Family;
  readonly address: string;
  readonly prefixLength: number;
  /** Of a point-to-point link: the other end's. */
  readonly peer?: string;
  readonly broadcast?: string;
  /** "global", "link", "host", "site", "nowhere" or a number. */
  readonly scope: string;
  /** IPv4: the link's name, or an alias such as "eth0:1". Empty for IPv6. */
  readonly label: string;
  /** As ip(8) names them: "permanent", "dynamic", "tentative", "dadfailed" ... */
  readonly flags: readonly string[];
  /** Seconds left; undefined for ever. */
  readonly validSeconds?: number;
}
