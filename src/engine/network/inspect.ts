// A network as docker's JSON: what it is, who is on it, and how full its pools are.
import { TsnsError } from "../../base/error.ts";
import { asMap } from "../../base/template/value.ts";
import { formatTimestamp } from "../../base/time.ts";
import { driverOption } from "../../network/driver-option.ts";
import { defaultNetwork, endpointId } from "../../network/name.ts";
import { usageOf } from "../../network/pool.ts";
import type { Endpoint, EndpointAddress, NetworkPool, NetworkSpec } from "../../network/spec.ts";
import { listContainerRecords } from "../../store/container-record.ts";
import { listAddressLeases } from "../../store/lease.ts";
import { observeContainer } from "../container/observe.ts";
import type { Engine } from "../engine.ts";
import { type NetworkEntry, requireNetworkEntry } from "./list.ts";

/** docker network inspect; with `verbose` also how full the pools are. Throws not-found. */
export async function inspectNetwork(engine: Engine, reference: string, verbose = false): Promise<Record<string, unknown>> {
  const entry = requireNetworkEntry(engine, reference);
  const spec = entry.record?.spec ?? (entry.name === defaultNetwork ? await designOfDefault(engine) : undefined);
  return {
    Name: entry.name,
    Id: entry.id,
    Created: formatTimestamp(entry.createdMs),
    Scope: "local",
    Driver: entry.driver,
    EnableIPv4: entry.ipv4,
    EnableIPv6: entry.ipv6,
    IPAM: { Driver: "default", Options: asMap({}), Config: (spec?.pools ?? []).map(configOf) },
    Internal: entry.internal,
    Attachable: spec?.attachable ?? false,
    Ingress: false,
    ConfigFrom: { Network: spec?.configFrom ?? "" },
    ConfigOnly: spec?.configOnly ?? false,
    Containers: asMap(Object.fromEntries(membersOf(engine, entry).map((member) => [member.id, memberView(entry, member)]))),
    Options: asMap(spec ? optionsOf(spec) : {}),
    Labels: asMap(entry.labels),
    ...(verbose && spec ? { Status: { IPAM: { Subnets: asMap(statusOf(engine, spec)) } } } : {}),
  };
}

/** What the default network would be if a container joined it now; undefined where that cannot be said. */
async function designOfDefault(engine: Engine): Promise<NetworkSpec | undefined> {
  const { designPlainNetwork } = await import("./design.ts");
  try {
    return designPlainNetwork(engine, defaultNetwork);
  } catch (error) {
    // no pool is free, or routes may not be read: its first container will be told
    if (error instanceof TsnsError) return undefined;
    throw error;
  }
}

function configOf({ subnet, ipRange, gateway, reserved }: NetworkPool): Record<string, unknown> {
  return {
    Subnet: subnet,
    ...(ipRange ? { IPRange: ipRange } : {}),
    ...(gateway ? { Gateway: gateway } : {}),
    ...(reserved ? { AuxiliaryAddresses: asMap(reserved) } : {}),
  };
}

/** Of a bridge also what was chosen for it: name and MTU. */
function optionsOf({ driver, configOnly, bridge, mtu, options = {} }: NetworkSpec): Readonly<Record<string, string>> {
  if (configOnly || (driver !== undefined && driver !== "bridge")) return options;
  return { [driverOption.bridge]: bridge, ...(mtu === undefined ? {} : { [driverOption.mtu]: `${mtu}` }), ...options };
}

interface Member {
  readonly id: string;
  readonly name: string;
  /** Absent on host and none. */
  readonly endpoint?: Endpoint;
}

/** The containers that run on it; with docker, also those that share the host's network or have none. */
function membersOf(engine: Engine, { name }: NetworkEntry): readonly Member[] {
  return listContainerRecords(engine.store).flatMap((record): Member[] => {
    const { id, spec } = record;
    const endpoint = record.run?.endpoints.find((place) => place.network === name);
    // A container's mode is also "bridge" when it is on none but others.
    const shares = name !== defaultNetwork && spec.network.mode === name;
    if ((!endpoint && !shares) || observeContainer(engine, record).status !== "running") return [];
    return [{ id, name: record.name, ...(endpoint ? { endpoint } : {}) }];
  });
}

const withLength = (place: EndpointAddress | undefined): string => (place ? `${place.address}/${place.prefixLength}` : "");

const memberView = (network: NetworkEntry, { id, name, endpoint }: Member): Record<string, string> => ({
  Name: name,
  EndpointID: endpointId(id, network.name),
  MacAddress: endpoint?.mac ?? "",
  IPv4Address: withLength(endpoint?.ipv4),
  IPv6Address: withLength(endpoint?.ipv6),
});

/** As docker has it from API 1.52 on. */
function statusOf(engine: Engine, { name, pools }: NetworkSpec): Record<string, unknown> {
  const leases = listAddressLeases(engine.store, name);
  return Object.fromEntries(
    pools.map((pool) => {
      const { inUse, available } = usageOf(pool, leases);
      return [pool.subnet, { IPsInUse: Number(inUse), DynamicIPsAvailable: Number(available) }];
    }),
  );
}
