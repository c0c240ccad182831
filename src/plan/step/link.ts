// Steps on links, their addresses and network settings of the kernel. Values only.

/** Adds a bridge link. */
export interface BridgeAdd {
  readonly kind: "bridge.add";
  readonly name: string;
  readonly mac: string;
}

/** Brings a link up (IFF_UP). */
export interface LinkUp {
  readonly kind: "link.up";
  readonly name: string;
}

/** Adds an address, `10.1.2.1/24`. */
export interface AddressAdd {
  readonly kind: "address.add";
  readonly link: string;
  readonly address: string;
}

/** Removes a link by name; a missing one is no error. */
export interface LinkRemove {
  readonly kind: "link.remove";
  readonly name: string;
}

/** Writes below /proc/sys; `previous` is filled by the planner when the old value is to come back. */
export interface SysctlWrite {
  readonly kind: "sysctl.write";
  readonly key: string;
  readonly value: string;
}

export type LinkStep = BridgeAdd | LinkUp | AddressAdd | LinkRemove | SysctlWrite;
