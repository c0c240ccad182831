// The names of all networks as the store has them, read again only when it has changed: what each container sees.
// Knows nothing of messages; what a name stands for is src/name/scope.ts's.
import type { LinkSpec, NetworkAttachment } from "../../container/spec/network.ts";
import type { Decision } from "../../name/answer.ts";
import { makeScope, makeZone, type NamedNetwork, type NameLease, type Scope, type Zone } from "../../name/scope.ts";
import { familyOfText } from "../../network/ip.ts";
import { defaultNetwork } from "../../network/name.ts";
import type { NetworkSpec } from "../../network/spec.ts";
import type { Database } from "../../store/database.ts";
import { listNameLeases } from "../../store/lease.ts";
import { listNetworks } from "../../store/network-record.ts";

/** What a container sees, with the answers made for it so far. */
export interface View {
  readonly container: string;
  readonly scope: Scope;
  /** Its --dns; empty: the host's servers. */
  readonly servers: readonly string[];
  /** By the bytes of the question. */
  readonly decisions: Map<string, Decision>;
}

export interface NameDirectory {
  /** Looks whether anything has changed: microseconds. Called before each batch of questions. */
  refresh(): void;
  view(container: string): View;
  /** Drops what was made for containers; it is made again when they ask. */
  forget(): void;
  /** All networks with their names. */
  zones(): readonly Zone[];
}

const marks = {
  version: "PRAGMA data_version",
  // one text instead of a row for each lease: most changes of the store are none of these
  leases: "SELECT group_concat(network || ' ' || address || ' ' || container || ' ' || names, char(10)) AS mark FROM address_lease",
  networks: "SELECT group_concat(id || spec, char(10)) AS mark FROM network",
  // a link goes while the container runs; a search for bytes spares parsing what most containers are
  links: `SELECT group_concat(id || coalesce(spec -> '$.links', '') || coalesce(spec -> '$.attachments', ''), char(10)) AS mark FROM container WHERE instr(spec, '"links":') > 0`,
} as const;

export function openDirectory(store: Database): NameDirectory {
  let version: unknown;
  let mark: string | undefined;
  let zones: ReadonlyMap<string, Zone> | undefined;
  const views = new Map<string, View>();

  function refresh(): void {
    const now = store.get(marks.version)?.data_version;
    if (now === version && mark !== undefined) return;
    version = now;
    const seen = [marks.leases, marks.networks, marks.links].map((statement) => store.get(statement)?.mark).join("\n\n");
    if (seen === mark) return;
    mark = seen;
    zones = undefined;
    views.clear();
  }

  function allZones(): ReadonlyMap<string, Zone> {
    zones ??= readZones(store);
    return zones;
  }

  return {
    refresh,
    zones: () => [...allZones().values()],
    forget: () => views.clear(),
    view(container) {
      let view = views.get(container);
      if (view === undefined) {
        view = makeView(store, allZones(), container);
        views.set(container, view);
      }
      return view;
    },
  };
}

function readZones(store: Database): ReadonlyMap<string, Zone> {
  const leases = new Map<string, NameLease[]>();
  for (const lease of listNameLeases(store)) {
    const own = leases.get(lease.network);
    if (own) own.push(lease);
    else leases.set(lease.network, [lease]);
  }
  return new Map(listNetworks(store).map(({ spec }) => [spec.name, makeZone(namedNetwork(spec), leases.get(spec.name) ?? [])]));
}

/** The host is on a bridge with the gateway's address, unless it was told to stay away from it. */
function namedNetwork({ name, internal = false, driver = "bridge", pools, gatewayMode, hostHasGateway }: NetworkSpec): NamedNetwork {
  if (driver !== "bridge") return { name, internal, subnets: [], hosts: [] };
  const isHost = (address: string) => {
    const family = familyOfText(address);
    return gatewayMode?.[family] !== "isolated" && (family === "ipv6" || hostHasGateway !== false);
  };
  const hosts = pools.flatMap(({ gateway }) => (gateway !== undefined && isHost(gateway) ? [gateway] : []));
  return { name, internal, subnets: pools.map(({ subnet }) => subnet), hosts };
}

function makeView(store: Database, zones: ReadonlyMap<string, Zone>, container: string): View {
  const own = [...zones.values()].filter(({ members }) => members.has(container));
  const row = store.get(
    "SELECT spec -> '$.dns.servers' AS servers, spec -> '$.attachments' AS attachments, spec -> '$.links' AS links FROM container WHERE id = ?",
    container,
  );
  const attachments = parse<readonly NetworkAttachment[]>(row?.attachments) ?? [];
  const links = attachments.flatMap(({ network, links: joined = [] }, index) =>
    // those of `run --link` are of the first network
    [...joined, ...(index === 0 && network !== defaultNetwork ? (parse<readonly LinkSpec[]>(row?.links) ?? []) : [])].map((link) => ({
      alias: link.alias,
      container: link.container,
      network,
    })),
  );
  const priorities = new Map(attachments.map(({ network, gatewayPriority = 0 }) => [network, gatewayPriority]));
  return {
    container,
    scope: makeScope(own, links, priorities),
    servers: parse<readonly string[]>(row?.servers) ?? [],
    decisions: new Map(),
  };
}

function parse<T>(text: unknown): T | undefined {
  return typeof text === "string" ? (JSON.parse(text) as T) : undefined;
}
