// The networks a container can join: those of the store and the built-in ones; as rows and as docker's JSON.
import { TsnsError } from "../../base/error.ts";
import { formatTimestamp } from "../../base/time.ts";
import { defaultNetwork } from "../../network/name.ts";
import type { Endpoint } from "../../network/spec.ts";
import { listContainerRecords } from "../../store/container-record.ts";
import { listNetworks as listRecords, type NetworkRecord } from "../../store/network-record.ts";
import { observeContainer } from "../container/observe.ts";
import type { Engine } from "../engine.ts";

export interface NetworkEntry {
  /** Empty for what is built in and not yet made. */
  readonly id: string;
  readonly name: string;
  readonly driver: "bridge" | "host" | "null";
  readonly subnet: string;
  readonly internal: boolean;
  /** 0 for what is built in and not yet made. */
  readonly createdMs: number;
  readonly labels: Readonly<Record<string, string>>;
}

const builtIn = (name: string, driver: NetworkEntry["driver"]): NetworkEntry => ({
  id: "",
  name,
  driver,
  subnet: "",
  internal: false,
  createdMs: 0,
  labels: {},
});

function entryOf({ id, createdMs, spec }: NetworkRecord): NetworkEntry {
  const { name, pools, internal = false, labels = {} } = spec;
  return { id, name, driver: "bridge", subnet: pools.map(({ subnet }) => subnet).join(","), internal, createdMs, labels };
}

/** In docker's order: by name. What a killed command was making or removing is none. */
export function listNetworks(engine: Engine): NetworkEntry[] {
  const entries = listRecords(engine.store)
    .filter(({ pending }) => !pending)
    .map(entryOf);
  if (!entries.some((entry) => entry.name === defaultNetwork)) entries.push(builtIn(defaultNetwork, "bridge"));
  return [...entries, builtIn("host", "host"), builtIn("none", "null")].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** docker network inspect. Throws not-found. */
export function inspectNetwork(engine: Engine, reference: string): Record<string, unknown> {
  const entries = listNetworks(engine);
  const found =
    entries.find(({ name, id }) => name === reference || (id !== "" && id === reference)) ??
    (/^[0-9a-f]+$/.test(reference) ? only(entries.filter(({ id }) => id.startsWith(reference))) : undefined);
  if (!found) throw new TsnsError("not-found", "no-such-network", `network ${reference} not found`, { hint: "tsns network ls lists them" });
  const record = listRecords(engine.store).find(({ spec }) => spec.name === found.name);
  return viewOf(found, record, found.driver === "bridge" ? endpointsOf(engine, found.name) : []);
}

const only = <T>(list: readonly T[]): T | undefined => (list.length === 1 ? list[0] : undefined);

interface Member {
  readonly id: string;
  readonly name: string;
  readonly endpoint: Endpoint;
}

function endpointsOf(engine: Engine, network: string): Member[] {
  return listContainerRecords(engine.store).flatMap((record): Member[] => {
    const endpoint = record.run?.endpoints.find((place) => place.network === network);
    if (!endpoint || observeContainer(engine, record).status !== "running") return [];
    return [{ id: record.id, name: record.name, endpoint }];
  });
}

function viewOf(entry: NetworkEntry, record: NetworkRecord | undefined, members: readonly Member[]): Record<string, unknown> {
  const spec = record?.spec;
  const config = (spec?.pools ?? []).map(({ subnet, ipRange, gateway }) => ({
    Subnet: subnet,
    ...(ipRange ? { IPRange: ipRange } : {}),
    ...(gateway ? { Gateway: gateway } : {}),
  }));
  return {
    Name: entry.name,
    Id: entry.id,
    Created: formatTimestamp(entry.createdMs),
    Scope: "local",
    Driver: entry.driver,
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: { Driver: "default", Options: {}, Config: config },
    Internal: entry.internal,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: "" },
    ConfigOnly: false,
    Containers: Object.fromEntries(
      members.map(({ id, name, endpoint }) => [
        id,
        {
          Name: name,
          EndpointID: "",
          MacAddress: endpoint.mac,
          IPv4Address: endpoint.ipv4 ? `${endpoint.ipv4.address}/${endpoint.ipv4.prefixLength}` : "",
          IPv6Address: endpoint.ipv6 ? `${endpoint.ipv6.address}/${endpoint.ipv6.prefixLength}` : "",
        },
      ]),
    ),
    Options: spec ? { "com.docker.network.bridge.name": spec.bridge, "com.docker.network.driver.mtu": `${spec.mtu}`, ...spec.options } : {},
    Labels: entry.labels,
  };
}
