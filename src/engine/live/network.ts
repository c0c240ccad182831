// The networks of this data root and the bridges of others, with who is on them, as values. When they are looked at network-watch.ts knows;
// what passes is traffic of link-rate.ts.
import { hostname } from "node:os";
import type { ContainerState } from "../../container/record.ts";
import { isLive } from "../../container/record.ts";
import type { RouteTable } from "../../kernel/network/link-table.ts";
import type { LinkDetail } from "../../network/link-detail.ts";
import { buildMap, type MapContainer, type MapMember, type MapNetwork, type NetworkMap } from "../../network/map/map.ts";
import type { NetworkSpec } from "../../network/spec.ts";
import type { BridgeView } from "../../network/view.ts";
import { listContainerRecords } from "../../store/container-record.ts";
import { observeContainer } from "../container/observe.ts";
import type { Engine } from "../engine.ts";
import { listStored } from "../look.ts";
import type { NetworkEntry } from "../network/list.ts";

export interface LiveMember extends MapMember {
  /** As the container has it; empty where it is not known. */
  readonly mac: string;
}

/** Whose a bridge of another data root is. */
export const anotherRoot = "another tsns";

/** A network of ours, or a bridge that is not. */
export interface LiveNetwork extends Omit<MapNetwork, "members" | "driver"> {
  /** Of ours; empty for a bridge of others. */
  readonly id: string;
  readonly driver: NetworkEntry["driver"];
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  /** It is there without having been made. */
  readonly isBuiltIn: boolean;
  /** Some container, running or not, holds a place on it. */
  readonly isUsed: boolean;
  readonly isUp: boolean;
  readonly mtu: number;
  readonly members: readonly LiveMember[];
}

export interface LiveNetworks {
  /** Ours by name, then bridges of others. */
  readonly networks: readonly LiveNetwork[];
  readonly map: NetworkMap;
}

/** All of it but what is behind the bridges of others, which `foreign` tells. */
export function liveNetworks(engine: Engine, { entries, table }: Facts, foreign: readonly BridgeView[]): LiveNetworks {
  const running = listStored(engine, (store) => listContainerRecords(store).map((record) => observeContainer(engine, record))).filter(
    isLive,
  );
  const specs = specsOf(entries);
  const map = buildMap({ host: hostname(), ...table, networks: specs, containers: running.map(mapContainer), foreign });
  const links = new Map(table.links.map((link) => [link.name, link]));
  const drawn = new Map(map.networks.slice(0, specs.length).map((network) => [network.name, network]));
  return {
    networks: [
      ...entries.map((entry) => ownNetwork(entry, drawn.get(entry.name), links, running)),
      ...foreign.map((bridge, at) => foreignNetwork(bridge, map.networks[specs.length + at])),
    ],
    map,
  };
}

/** What one look at the store and one at the kernel tell. */
export interface Facts {
  readonly entries: readonly NetworkEntry[];
  readonly table: RouteTable;
}

export const specsOf = (entries: readonly NetworkEntry[]): readonly NetworkSpec[] =>
  entries.flatMap(({ record }) => (record && !record.spec.configOnly ? [record.spec] : []));

function mapContainer({ record: { id, name, spec, run } }: ContainerState): MapContainer {
  return { id, name, mode: spec.network, endpoints: run?.endpoints ?? [] };
}

const nothing = { link: "", present: false, subnets: [], gateways: [], traits: [], members: [] } as const;

function ownNetwork(
  { id, name, driver, internal, ipv4, ipv6, isBuiltIn, isUsed, record }: NetworkEntry,
  drawn: MapNetwork | undefined,
  links: ReadonlyMap<string, LinkDetail>,
  running: readonly ContainerState[],
): LiveNetwork {
  const link = links.get(drawn?.link ?? "");
  const macs = new Map(
    running.flatMap(({ record: { id: container, run } }) =>
      (run?.endpoints ?? []).flatMap(({ network, mac }) => (network === name ? [[container, mac] as const] : [])),
    ),
  );
  const members = drawn?.members.map((member) => ({ ...member, mac: macs.get(member.id) ?? "" }));
  return {
    ...(drawn ?? nothing),
    members: members ?? membersByMode(name, running),
    id,
    name,
    engine: "tsns",
    driver,
    internal,
    traits: drawn?.traits ?? (record?.spec.configOnly ? ["settings only"] : isBuiltIn && driver === "bridge" ? ["not made yet"] : []),
    ipv4,
    ipv6,
    isBuiltIn,
    isUsed: isUsed || (members?.length ?? 0) > 0,
    isUp: link?.up ?? false,
    mtu: link?.mtu ?? 0,
  };
}

/** Who shares the host's network, or has none. */
function membersByMode(name: string, running: readonly ContainerState[]): readonly LiveMember[] {
  if (name !== "host" && name !== "none") return [];
  return running
    .filter(({ record }) => record.spec.network.mode === name)
    .map(({ record: { id, name: container } }) => ({
      name: container,
      id,
      link: "",
      hostLink: "",
      addresses: [],
      ports: [],
      alsoOn: [],
      shared: [],
      mac: "",
    }));
}

function foreignNetwork(bridge: BridgeView, drawn: MapNetwork | undefined): LiveNetwork {
  const macs = new Map(bridge.ports.map(({ name, peer }) => [name, peer?.mac ?? ""]));
  return {
    ...(drawn ?? { ...nothing, name: bridge.name, internal: false }),
    engine: bridge.owner?.engine === "tsns" ? anotherRoot : (bridge.owner?.engine ?? "none"),
    link: bridge.name,
    members: (drawn?.members ?? []).map((member) => ({ ...member, mac: macs.get(member.hostLink) ?? "" })),
    id: "",
    driver: "bridge",
    ipv4: bridge.addresses.some((address) => !address.includes(":")),
    ipv6: bridge.addresses.some((address) => address.includes(":")),
    isBuiltIn: false,
    isUsed: bridge.ports.length > 0,
    isUp: bridge.up,
    mtu: bridge.mtu,
  };
}
