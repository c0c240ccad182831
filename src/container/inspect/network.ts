// `NetworkSettings` of docker's inspect document. Pure.
import { asMap } from "../../base/template/value.ts";
import { defaultNetwork, endpointId } from "../../network/name.ts";
import type { LinkRate } from "../../network/rate.ts";
import { type Endpoint, type PortSpec, portsOf } from "../../network/spec.ts";
import { placeNames } from "../place-name.ts";
import type { ContainerRecord, ContainerState } from "../record.ts";
import type { NetworkAttachment } from "../spec/network.ts";
import { networkName } from "./mode.ts";
import { groupPorts } from "./port.ts";

/** What the view says beside the record. */
export interface NetworkFacts {
  /** Ids of networks by their names. */
  readonly networkIds?: Readonly<Record<string, string>>;
  /** Name of a container by its id. */
  readonly nameOf?: (id: string) => string;
}

/** The network namespace bears the container's own id; as docker's, the members beside `Networks` are those of the default network alone. */
export function networkView(state: ContainerState, facts: NetworkFacts = {}): Record<string, unknown> {
  const running = state.status === "running";
  const { record } = state;
  const endpoints = running ? (record.run?.endpoints ?? []) : [];
  return {
    Bridge: "",
    SandboxID: running ? record.id : "",
    SandboxKey: running ? `/proc/${state.pid}/ns/net` : "",
    Ports: asMap(endpoints.length > 0 ? portsView(record, portsOf(endpoints)) : {}),
    HairpinMode: false,
    LinkLocalIPv6Address: "",
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    ...placeView(
      record.id,
      endpoints.find(({ network }) => network === defaultNetwork),
    ),
    Networks: asMap(Object.fromEntries(placesOf(record, running ? endpoints : undefined, facts))),
  };
}

const placeView = (id: string, endpoint: Endpoint | undefined) => ({
  EndpointID: endpoint ? endpointId(id, endpoint.network) : "",
  Gateway: endpoint?.ipv4?.gateway ?? "",
  GlobalIPv6Address: endpoint?.ipv6?.address ?? "",
  GlobalIPv6PrefixLen: endpoint?.ipv6?.prefixLength ?? 0,
  IPAddress: endpoint?.ipv4?.address ?? "",
  IPPrefixLen: endpoint?.ipv4?.prefixLength ?? 0,
  IPv6Gateway: endpoint?.ipv6?.gateway ?? "",
  MacAddress: endpoint?.mac ?? "",
});

/** One entry for each network it is on; host and none are such, another container's is not. `endpoints`: absent when it does not run. */
function placesOf(
  record: ContainerRecord,
  endpoints: readonly Endpoint[] | undefined,
  { networkIds = {}, nameOf = (id) => id }: NetworkFacts,
): [string, Record<string, unknown>][] {
  const { spec, id } = record;
  const { mode } = spec.network;
  if (mode === "container") return [];
  const attachments = mode === "bridge" ? spec.attachments : [{ network: networkName(spec.network) }];
  return attachments.map((attachment: NetworkAttachment, index) => {
    const { network, aliases, options, gatewayPriority } = attachment;
    // As docker: those of `run --link` are of the first network, unless that is the default one.
    const links = [...(index === 0 && network !== defaultNetwork ? (spec.links ?? []) : []), ...(attachment.links ?? [])];
    const endpoint = endpoints?.find((place) => place.network === network);
    const names = placeNames(record, attachment);
    const view = {
      IPAMConfig: addressConfig(attachment),
      Links: links.length > 0 ? links.map(({ container, alias }) => `${nameOf(container)}:${alias}`) : null,
      Aliases: aliases ?? null,
      DriverOpts: options ? asMap(options) : null,
      GwPriority: gatewayPriority ?? 0,
      NetworkID: networkIds[network] ?? "",
      ...placeView(id, endpoint),
      ...(endpoints && mode !== "bridge" ? { EndpointID: endpointId(id, network) } : {}),
      DNSNames: mode === "bridge" && names.length > 0 ? names : null,
    };
    return [network, view];
  });
}

/** What was asked for; null for nothing. */
function addressConfig({ ipv4, ipv6, linkLocal }: NetworkAttachment): Record<string, unknown> | null {
  const config = {
    ...(ipv4 === undefined ? {} : { IPv4Address: ipv4 }),
    ...(ipv6 === undefined ? {} : { IPv6Address: ipv6 }),
    ...(linkLocal ? { LinkLocalIPs: linkLocal } : {}),
  };
  return Object.keys(config).length > 0 ? config : null;
}

/** Ports that are only exposed have no binding: null, as in Go's documents. */
function portsView({ spec }: ContainerRecord, ports: readonly PortSpec[]): Record<string, unknown> {
  const published = groupPorts(ports, (port) => `${port.hostPort}`);
  return { ...Object.fromEntries((spec.exposed ?? []).map((port) => [port, null])), ...published };
}

/** The members of `HostConfig` on networks and names. */
export function networkHostConfig(
  { spec, name }: Pick<ContainerRecord, "spec" | "name">,
  nameOf: (id: string) => string,
): Record<string, unknown> {
  return {
    Dns: spec.dns?.servers ?? [],
    DnsOptions: spec.dns?.options ?? [],
    DnsSearch: spec.dns?.search ?? [],
    ExtraHosts: spec.extraHosts ? spec.extraHosts.map(([host, address]) => `${host}:${address}`) : null,
    Links: spec.links ? spec.links.map((link) => `/${nameOf(link.container)}:/${name}/${link.alias}`) : null,
    NetworkMode: networkName(spec.network),
    PortBindings: asMap(
      groupPorts(spec.ports, (port) => (port.hostPort ? `${port.hostPort}${port.hostPortEnd ? `-${port.hostPortEnd}` : ""}` : "")),
    ),
    PublishAllPorts: spec.publishAll ?? false,
    ...(spec.rate ? { NetRate: rateView(spec.rate) } : {}),
  };
}

/** Bits per second; 0: as fast as it goes. */
const rateView = ({ inBits = 0, outBits = 0 }: LinkRate): Record<string, number> => ({ InBits: inBits, OutBits: outBits });
