// Bridges and what is behind their ports as the kernel was found: raw material of `net show`. Values only.
import type { BridgePortState, BridgeState, Link } from "./link-state.ts";

/** What of a link matters to who looks at bridges. */
export type BridgeLink = Omit<Link, "bridge" | "port"> & {
  readonly bridge?: Pick<BridgeState, "id" | "stp">;
  readonly port?: Pick<BridgePortState, "number" | "state" | "hairpin" | "isolated">;
};

export interface PeerAddress {
  readonly linkIndex: number;
  readonly address: string;
  readonly prefixLength: number;
  readonly linkLocal: boolean;
}

/** Another network namespace that a port's veth pair leads to. */
export interface PeerNamespace {
  readonly inode: number;
  /** Lowest pid of its processes, 0 when none is to be seen. */
  readonly pid: number;
  /** File name of the bind mount that holds it, where no process is to be seen; else empty. */
  readonly name: string;
  /** Name and /proc/PID/cgroup of that process. */
  readonly command: string;
  readonly cgroups: string;
  readonly parentPid: number;
}

/** The other end of a veth pair, in its namespace. */
export interface PeerLink {
  readonly name: string;
  readonly mac: string;
}

export interface BridgeNetwork {
  readonly links: readonly BridgeLink[];
  readonly addresses: readonly PeerAddress[];
  /** Those that were found, by this namespace's ids for them. */
  readonly namespaces: ReadonlyMap<number, PeerNamespace>;
  /** By peerKey; without those that may not be looked at. */
  readonly peers: ReadonlyMap<string, PeerLink>;
  readonly peerAddresses: ReadonlyMap<string, readonly PeerAddress[]>;
}

/** Names a link of another namespace, by this one's id for it and the link's index there. */
export function peerKey(namespaceId: number | string, linkIndex: number | string): string {
  return `${namespaceId} ${linkIndex}`;
}
