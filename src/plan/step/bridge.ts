// Steps on bridges and their ports beyond what every link has (step/link.ts: joining is a link's master). Values only.

interface InNamespace {
  /** File of a network namespace; absent: the one tsns is in. */
  readonly namespace?: string;
}

/** Adds a bridge whose hardware address is the kernel's choice and follows its ports. */
export interface BridgeCreate extends InNamespace {
  readonly kind: "bridge.create";
  readonly name: string;
}

/** As ip-link(8) calls them; times in hundredths of a second, `stp_state` 0 or 1. */
export type BridgeOption = "ageing_time" | "forward_delay" | "hello_time" | "max_age" | "priority" | "stp_state";

/** Sets one option of a bridge. */
export interface BridgeSet extends InNamespace {
  readonly kind: "bridge.set";
  readonly name: string;
  readonly option: BridgeOption;
  readonly value: number;
}

/** As bridge(8) calls them; `hairpin` and `isolated` 0 or 1. */
export type PortOption = "cost" | "priority" | "hairpin" | "isolated";

/** Sets one option of a bridge's port. */
export interface PortSet extends InNamespace {
  readonly kind: "port.set";
  readonly name: string;
  readonly option: PortOption;
  readonly value: number;
}

export type BridgeStep = BridgeCreate | BridgeSet | PortSet;
