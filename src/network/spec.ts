// Networks, endpoints and published ports as values, and how they are written on a command line.

export interface NetworkSpec {
  readonly name: string;
  /** Link name of the bridge, at most 15 bytes. */
  readonly bridge: string;
  /** "10.88.0.0/16" */
  readonly subnet: string;
  readonly gateway: string;
  readonly mtu?: number;
  /** Part of the subnet that endpoints get their addresses from; absent: all of it. */
  readonly ipRange?: string;
  /** No way out and none in: neither default route, masquerading nor published ports. */
  readonly internal?: boolean;
  /** false: what leaves keeps its address (com.docker.network.bridge.enable_ip_masquerade). */
  readonly masquerade?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  /** Driver options as they were given. */
  readonly options?: Readonly<Record<string, string>>;
}

export type Protocol = "tcp" | "udp" | "sctp";

/** One published port. `hostPort` 0: chosen when the container starts. */
export interface PortSpec {
  /** "0.0.0.0" for all of the host's addresses. */
  readonly hostIp: string;
  readonly hostPort: number;
  /** With it, the host port is chosen at start from hostPort to hostPortEnd. */
  readonly hostPortEnd?: number;
  readonly containerPort: number;
  readonly protocol: Protocol;
}

/** A container's place on a network, known once it starts. */
export interface Endpoint {
  readonly network: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway: string;
  readonly mac: string;
  /** Host side of the veth pair. */
  readonly hostLink: string;
  readonly ports: readonly PortSpec[];
}
