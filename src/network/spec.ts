// Networks, endpoints and published ports as values, and how they are written on a command line.

export type NetworkDriver = "bridge" | "macvlan" | "ipvlan";

/** A range of addresses of a network, of either family. */
export interface NetworkPool {
  /** "10.88.0.0/16", "fd00:1::/64": no bit is set behind the prefix. */
  readonly subnet: string;
  /** The host's address on a bridge, a router's on other links; absent: none. */
  readonly gateway?: string;
  /** Part of the subnet that endpoints get their addresses from; absent: all of it. */
  readonly ipRange?: string;
  /** Addresses that no endpoint is given, by what they are for (--aux-address). */
  readonly reserved?: Readonly<Record<string, string>>;
}

/**
 * How packets of a family leave a bridge and come to it. nat (the usual): masqueraded out, published ports translated in. routed: neither;
 * published ports are opened in the host's rules for the container's own address. isolated: the host has no address on the bridge.
 */
export type GatewayMode = "nat" | "routed" | "isolated";

/** How links of a container sit on another link of the host, their parent: macvlan and ipvlan. */
export interface ParentSpec {
  /** macvlan: bridge, private, vepa or passthru; ipvlan: l2, l3 or l3s. */
  readonly mode: string;
  /** ipvlan: bridge, private or vepa. */
  readonly flag?: string;
  /** The parent is made with the network and goes with it: a VLAN of another link, or a link that leads nowhere. */
  readonly made?: { readonly kind: "dummy" } | { readonly kind: "vlan"; readonly on: string; readonly id: number };
}

export interface NetworkSpec {
  readonly name: string;
  /** Absent: bridge. */
  readonly driver?: NetworkDriver;
  /** Link name of the bridge, at most 15 bytes; of macvlan and ipvlan the parent link. */
  readonly bridge: string;
  /** In the order in which they are tried; at least one. */
  readonly pools: readonly NetworkPool[];
  /** Of macvlan and ipvlan. */
  readonly parent?: ParentSpec;
  readonly mtu?: number;
  /** No way out and none in: neither default route, masquerading nor published ports. */
  readonly internal?: boolean;
  /** false: what leaves keeps its address (com.docker.network.bridge.enable_ip_masquerade). */
  readonly masquerade?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  /** Containers that were not made for it may be connected; only said, as every one may here (--attachable). */
  readonly attachable?: boolean;
  /** Nothing but settings for other networks to be made from (--config-only): no link, no rules, no containers. */
  readonly configOnly?: boolean;
  /** Of such a network: what those made from it have; absent: IPv4 alone. */
  readonly families?: { readonly ipv4: boolean; readonly ipv6: boolean };
  /** Name of the network whose settings these are (--config-from). */
  readonly configFrom?: string;
  /** false: containers on it do not reach each other (com.docker.network.bridge.enable_icc). */
  readonly icc?: boolean;
  /** It has no IPv6, the host has: ports published there reach its containers by IPv6 through their monitors (port-relay.ts). */
  readonly ipv6Relay?: boolean;
  /** Absent: nat (com.docker.network.bridge.gateway_mode_ipv4, gateway_mode_ipv6). */
  readonly gatewayMode?: { readonly ipv4?: GatewayMode; readonly ipv6?: GatewayMode };
  /** IPv4 address of the host for ports that are published without one (com.docker.network.bridge.host_binding_ipv4). */
  readonly hostBinding?: string;
  /** Source address of what leaves, instead of masquerading (com.docker.network.host_ipv4, host_ipv6). */
  readonly sourceAddress?: { readonly ipv4?: string; readonly ipv6?: string };
  /** false: the bridge is not given its IPv4 gateway's address, something else holds it (com.docker.network.bridge.inhibit_ipv4). */
  readonly hostHasGateway?: boolean;
  /** Names of the links inside: this and a number; absent: eth (com.docker.network.container_iface_prefix). */
  readonly linkPrefix?: string;
  /** Driver options as they were given; what they mean for a bridge is in the members above. */
  readonly options?: Readonly<Record<string, string>>;
}

/** Ports of all of a container's places. */
export const portsOf = (endpoints: readonly Endpoint[] = []): readonly PortSpec[] => endpoints.flatMap(({ ports }) => ports);

/** Addresses of a place, without prefix lengths. */
export const addressesOf = ({ ipv4, ipv6 }: Endpoint): readonly string[] => [ipv4, ipv6].flatMap((place) => (place ? [place.address] : []));

/** The first range of a family. */
export const poolOf = ({ pools }: Pick<NetworkSpec, "pools">, family: "ipv4" | "ipv6"): NetworkPool | undefined =>
  pools.find(({ subnet }) => subnet.includes(":") === (family === "ipv6"));

export type Protocol = "tcp" | "udp" | "sctp";

/** One published port. `hostPort` 0: chosen when the container starts. */
export interface PortSpec {
  /** "0.0.0.0" and "::" for all of the host's addresses of a family; "" for all, which becomes the one or both when the container starts. */
  readonly hostIp: string;
  readonly hostPort: number;
  /** With it, the host port is chosen at start from hostPort to hostPortEnd. */
  readonly hostPortEnd?: number;
  readonly containerPort: number;
  readonly protocol: Protocol;
}

/** Address of an endpoint in one family. */
export interface EndpointAddress {
  readonly address: string;
  readonly prefixLength: number;
  /** Of the pool; absent: it has none. */
  readonly gateway?: string;
}

/** A container's place on a network, known once it starts. */
export interface Endpoint {
  readonly network: string;
  /** Name of its link inside: eth0. */
  readonly link: string;
  /** At least one of the two. */
  readonly ipv4?: EndpointAddress;
  readonly ipv6?: EndpointAddress;
  readonly mac: string;
  /** Host side of the veth pair; empty where there is none (macvlan, ipvlan). */
  readonly hostLink: string;
  readonly ports: readonly PortSpec[];
}
