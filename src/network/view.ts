// A bridge as `tsns net show` presents it. Values only.

export interface PortView {
  /** Link on the host. */
  readonly name: string;
  readonly index: number;
  /** "veth", "tap" ...; empty for hardware. */
  readonly kind: string;
  readonly up: boolean;
  /** STP state of the port. */
  readonly state: string;
  readonly hairpin: boolean;
  /** What is at the other end of a veth pair. */
  readonly peer?: PeerView;
}

export interface PeerView {
  /** Container of tsns with its name, another engine's ("docker 1f2e3d4c5b6a"), or a process's command. */
  readonly owner: string;
  readonly containerId?: string;
  /** A process of that network namespace; 0 when it has none (a named namespace, or this one). */
  readonly pid: number;
  /** The interface inside. */
  readonly link: string;
  readonly mac: string;
  readonly addresses: readonly string[];
}

export interface BridgeView {
  readonly name: string;
  readonly index: number;
  /** Priority and hardware address, "8000.02740a420001". */
  readonly id: string;
  readonly stp: boolean;
  readonly up: boolean;
  readonly mac: string;
  readonly mtu: number;
  readonly addresses: readonly string[];
  readonly ports: readonly PortView[];
}
