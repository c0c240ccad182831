// The networks of a host with their containers, published ports and the ways out, as one value that pictures are drawn of. Pure; the
// facts come from the store and the kernel, the pictures are text.ts and svg.ts.
import type { NetworkMode } from "../../container/spec/network.ts";
import { families } from "../ip.ts";
import type { AddressState, LinkDetail } from "../link-detail.ts";
import { mainTable, type NextHop, type RouteState } from "../route-state.ts";
import { addressesOf, type Endpoint, type NetworkDriver, type NetworkPool, type NetworkSpec } from "../spec.ts";
import type { BridgeView } from "../view.ts";
import { renderMapPorts } from "./port.ts";

/** A link that a default route leaves by. */
export interface MapUplink {
  readonly link: string;
  /** With prefix lengths, without those of the link alone. */
  readonly addresses: readonly string[];
  /** Routers behind it; none where the link itself is the way. */
  readonly gateways: readonly string[];
}

export interface MapMember {
  /** A container's name; "docker:web" and the like for those of others. */
  readonly name: string;
  /** 64 digits, empty where it is not known. */
  readonly id: string;
  /** Its link on this network, inside and on the host; empty where there is none. */
  readonly link: string;
  readonly hostLink: string;
  /** Without prefix lengths. */
  readonly addresses: readonly string[];
  /** "0.0.0.0:8080 → 80/tcp", ranges as one. */
  readonly ports: readonly string[];
  /** Other networks it is on. */
  readonly alsoOn: readonly string[];
  /** Containers that use its network namespace. */
  readonly shared: readonly string[];
}

export interface MapNetwork {
  readonly name: string;
  /** "tsns", or the engine whose network it is; "none" for a bridge nobody claims. */
  readonly engine: string;
  readonly driver: NetworkDriver;
  /** Bridge, or the parent of macvlan and ipvlan; empty where there is none. */
  readonly link: string;
  /** False: nothing of it is in the kernel now. */
  readonly present: boolean;
  readonly subnets: readonly string[];
  /** The host's addresses on a bridge with prefix lengths, a router's elsewhere. */
  readonly gateways: readonly string[];
  readonly internal: boolean;
  /** What is unusual about it: "internal", "no masquerade" ... */
  readonly traits: readonly string[];
  readonly members: readonly MapMember[];
}

export interface NetworkMap {
  readonly host: string;
  readonly uplinks: readonly MapUplink[];
  readonly networks: readonly MapNetwork[];
  /** Running containers in the host's network namespace, and those without any network. */
  readonly onHost: readonly string[];
  readonly offline: readonly string[];
}

export interface MapContainer {
  readonly id: string;
  readonly name: string;
  readonly mode: NetworkMode;
  readonly endpoints: readonly Endpoint[];
}

export interface MapFacts {
  readonly host: string;
  readonly links: readonly LinkDetail[];
  readonly addresses: readonly AddressState[];
  readonly routes: readonly RouteState[];
  readonly networks: readonly NetworkSpec[];
  /** Those that run. */
  readonly containers: readonly MapContainer[];
  /** Bridges of others with what is behind their ports; none when only own networks are wanted. */
  readonly foreign: readonly BridgeView[];
}

/** Networks in the order they are given, then those of others. */
export function buildMap(facts: MapFacts): NetworkMap {
  const { containers } = facts;
  const present = new Set(facts.links.map(({ name }) => name));
  // A Spec has the other container's id, or the word it was given while there was none: its name, or the start of its id.
  const sharing = ({ id, name }: MapContainer) =>
    containers
      .filter(
        ({ mode }) => mode.mode === "container" && (mode.container === name || (mode.container !== "" && id.startsWith(mode.container))),
      )
      .map((container) => container.name);
  const named = (wanted: NetworkMode["mode"]) => containers.filter(({ mode }) => mode.mode === wanted).map(({ name }) => name);
  return {
    host: facts.host,
    uplinks: uplinksOf(facts),
    networks: [...facts.networks.map((spec) => ownNetwork(spec, present, containers, sharing)), ...facts.foreign.map(foreignNetwork)],
    onHost: named("host"),
    // A container that was taken off its last network has none either.
    offline: containers
      .filter(({ mode, endpoints }) => endpoints.length === 0 && (mode.mode === "none" || mode.mode === "bridge"))
      .map(({ name }) => name),
  };
}

function uplinksOf({ links, addresses, routes }: MapFacts): readonly MapUplink[] {
  const ways = routes
    .filter(({ type, table, destination }) => type === "unicast" && table === mainTable && destination.prefixLength === 0)
    .flatMap(({ linkIndex, gateway, nextHops }): readonly Pick<NextHop, "linkIndex" | "gateway">[] =>
      linkIndex > 0 ? [{ linkIndex, gateway }] : nextHops,
    );
  const indices = [...new Set(ways.map(({ linkIndex }) => linkIndex))];
  return indices.map((index) => ({
    link: links.find((link) => link.index === index)?.name ?? `link ${index}`,
    addresses: addresses
      .filter(({ linkIndex, scope }) => linkIndex === index && scope === "global")
      .map(({ address, prefixLength }) => `${address}/${prefixLength}`),
    gateways: [...new Set(ways.filter(({ linkIndex }) => linkIndex === index).map(({ gateway }) => gateway))].filter((text) => text !== ""),
  }));
}

const prefixLengthOf = ({ subnet }: NetworkPool): string => subnet.slice(subnet.indexOf("/"));

/** What of a network a picture has to say in words. */
function traitsOf({ internal, masquerade, icc, configOnly, gatewayMode }: NetworkSpec): readonly string[] {
  const modes = families.flatMap((family) => {
    const mode = gatewayMode?.[family];
    return mode === undefined || mode === "nat" ? [] : [`${family === "ipv4" ? "IPv4" : "IPv6"} ${mode}`];
  });
  return [
    ...(configOnly ? ["settings only"] : []),
    ...(internal ? ["internal"] : []),
    ...(masquerade === false ? ["no masquerade"] : []),
    ...(icc === false ? ["containers apart"] : []),
    ...modes,
  ];
}

function ownNetwork(
  spec: NetworkSpec,
  present: ReadonlySet<string>,
  containers: readonly MapContainer[],
  sharing: (container: MapContainer) => readonly string[],
): MapNetwork {
  const { name, driver = "bridge", pools, internal = false } = spec;
  const bridge = spec.configOnly ? "" : spec.bridge;
  const members = containers.flatMap((container): MapMember[] => {
    const endpoint = container.endpoints.find(({ network }) => network === name);
    if (!endpoint) return [];
    return [
      {
        name: container.name,
        id: container.id,
        link: endpoint.link,
        hostLink: endpoint.hostLink,
        addresses: addressesOf(endpoint),
        ports: renderMapPorts(endpoint.ports),
        alsoOn: container.endpoints.map(({ network }) => network).filter((network) => network !== name),
        shared: sharing(container),
      },
    ];
  });
  return {
    name,
    engine: "tsns",
    driver,
    link: bridge,
    present: present.has(bridge),
    subnets: pools.map(({ subnet }) => subnet),
    gateways: pools.flatMap((pool) => (pool.gateway ? [`${pool.gateway}${driver === "bridge" ? prefixLengthOf(pool) : ""}`] : [])),
    internal,
    traits: traitsOf(spec),
    members,
  };
}

function foreignNetwork({ name, owner, addresses, ports }: BridgeView): MapNetwork {
  return {
    name: owner?.name ?? name,
    engine: owner?.engine ?? "none",
    driver: "bridge",
    link: name,
    present: true,
    subnets: [],
    gateways: addresses,
    internal: false,
    traits: [],
    members: ports.map(({ name: hostLink, peer }) => ({
      name: peer?.label ?? hostLink,
      id: peer?.owner?.id ?? "",
      link: peer?.link ?? "",
      hostLink,
      addresses: (peer?.addresses ?? []).map((address) => address.replace(/\/.*/, "")),
      ports: [],
      alsoOn: [],
      shared: [],
    })),
  };
}

/** Where the host is on a bridge; of other drivers, whose host is not on the network, its subnets and their routers. */
export function renderPlaces({ driver, gateways, subnets }: MapNetwork): string {
  if (driver === "bridge") return (gateways.length > 0 ? gateways : subnets).join("  ");
  return [...subnets, ...gateways.map((gateway) => `router ${gateway}`)].join("  ");
}
