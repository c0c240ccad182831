// The networks of this data root and the bridges of others, with who is on them: again when the kernel announces another link or address,
// and when an event tells of a network or a container. Nothing is looked at by the clock; what passes is traffic of link-rate.ts.
import { hostname } from "node:os";
import type { ContainerState } from "../../container/record.ts";
import { isLive } from "../../container/record.ts";
import { readRouteTable } from "../../kernel/network/link-table.ts";
import type { LinkDetail } from "../../network/link-detail.ts";
import { buildMap, type MapContainer, type MapMember, type MapNetwork, type NetworkMap } from "../../network/map/map.ts";
import type { BridgeView } from "../../network/view.ts";
import { listContainerRecords } from "../../store/container-record.ts";
import { observeContainer } from "../container/observe.ts";
import type { Engine } from "../engine.ts";
import { openEventFeed } from "../event/feed.ts";
import { type EventMessage, parseEvent } from "../event/message.ts";
import { listStored } from "../look.ts";
import { listNetworks, type NetworkEntry } from "../network/list.ts";
import { showBridges } from "../network/show.ts";
import { watchLinks } from "../network/show-live.ts";
import { createBell } from "./bell.ts";
import { createPace } from "./pace.ts";

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

/** Looks at all of it: two runs of the native program where there are bridges of others, else one. Throws KernelError. */
export async function readLiveNetworks(engine: Engine): Promise<LiveNetworks> {
  const entries = listStored(engine, () => listNetworks(engine));
  const running = listStored(engine, (store) => listContainerRecords(store).map((record) => observeContainer(engine, record))).filter(
    isLive,
  );
  const table = readRouteTable();
  const specs = entries.flatMap(({ record }) => (record && !record.spec.configOnly ? [record.spec] : []));
  const own = new Set(specs.map(({ bridge }) => bridge));
  const hasForeign = table.links.some(({ kind, name }) => kind === "bridge" && !own.has(name));
  const foreign = hasForeign ? (await showBridges(engine)).bridges.filter(({ name }) => !own.has(name)) : [];
  const map = buildMap({ host: hostname(), ...table, networks: specs, containers: running.map(mapContainer), foreign });
  const links = new Map(table.links.map((link) => [link.name, link]));
  const drawn = new Map(map.networks.flatMap((network) => (network.engine === "tsns" ? [[network.name, network] as const] : [])));
  return {
    networks: [
      ...entries.map((entry) => ownNetwork(entry, drawn.get(entry.name), links, running)),
      ...foreign.map((bridge) =>
        foreignNetwork(
          bridge,
          map.networks.findLast(({ link }) => link === bridge.name),
        ),
      ),
    ],
    map,
  };
}

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

/** What changes who is where, or which ports are published. */
const containerActions: ReadonlySet<string> = new Set(["create", "start", "die", "destroy", "rename", "update", "restart"]);

export const concernsNetworks = ({ type, action }: Pick<EventMessage, "type" | "action">): boolean =>
  type === "network" || (type === "container" && containerActions.has(action));

/** So often at most they are told: a start is a burst of announcements. */
const leastMs = 500;

/** Yields at once, and when something is another one than before. Ends with the signal. Throws KernelError. */
export async function* watchNetworks(engine: Engine, signal: AbortSignal): AsyncGenerator<LiveNetworks> {
  const pace = createPace(leastMs);
  using changes = watchChanges(engine, signal);
  let before = "";
  while (!signal.aborted) {
    await pace(signal);
    if (signal.aborted) return;
    const value = await readLiveNetworks(engine);
    const { uplinks, onHost, offline } = value.map;
    const text = JSON.stringify([value.networks, uplinks, onHost, offline]);
    if (text !== before) yield value;
    before = text;
    await changes.next();
  }
}

interface Changes extends Disposable {
  /** Resolves at the next change; rejects when nothing can be heard any more. */
  next(): Promise<void>;
}

/** The kernel's announcements and the events together. */
function watchChanges(engine: Engine, outer: AbortSignal): Changes {
  const end = new AbortController();
  const signal = AbortSignal.any([outer, end.signal]);
  const bell = createBell();
  let failure: unknown;
  const fail = (error: unknown) => {
    failure = error;
    bell.ring();
  };
  async function followLinks(): Promise<void> {
    for await (const _ of watchLinks(signal)) bell.ring();
  }
  async function followEvents(): Promise<void> {
    using feed = openEventFeed(engine.root);
    while (!signal.aborted) {
      await feed.changed(signal);
      if (
        feed
          .read()
          .flatMap((line) => parseEvent(line) ?? [])
          .some(concernsNetworks)
      )
        bell.ring();
    }
  }
  followLinks().catch(fail);
  followEvents().catch(fail);
  return {
    async next() {
      await bell.rung(signal);
      if (failure !== undefined && !signal.aborted) throw failure;
    },
    [Symbol.dispose]: () => end.abort(),
  };
}
