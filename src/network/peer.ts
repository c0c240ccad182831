// Bridges and what is behind their ports as the kernel was found: raw material of `net show`. Values only.
import type { Link } from "./link-state.ts";

export interface PeerAddress {
  readonly linkIndex: number;
  readonly address: string;
  readonly prefixLength: number;
  readonly linkLocal: boolean;
}

/** Another network namespace that a port's veth pair leads to. */
export interface PeerNamespace {
  /** This namespace's id for it. */
  readonly id: number;
  /** 0 when it is not known. */
  readonly inode: number;
  /** Lowest pid of its processes, 0 when none is to be seen. */
  readonly pid: number;
  /** File name of the bind mount that holds it, when no process is to be seen. */
  readonly name?: string;
  /** By index; empty when it may not be looked into. */
  readonly links: ReadonlyMap<number, Link>;
  readonly addresses: readonly PeerAddress[];
  /** What has been heard of hardware addresses, for namespaces whose addresses cannot be asked. */
  readonly neighbours: readonly { readonly address: string; readonly mac: string }[];
}

export interface BridgeNetwork {
  readonly links: readonly Link[];
  readonly addresses: readonly PeerAddress[];
  /** By id. */
  readonly namespaces: ReadonlyMap<number, PeerNamespace>;
}
