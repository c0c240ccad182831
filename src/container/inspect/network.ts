// `NetworkSettings` of docker's inspect document. Pure.
import { asMap } from "../../base/template/value.ts";
import type { LinkRate } from "../../network/rate.ts";
import type { PortSpec } from "../../network/spec.ts";
import type { ContainerRecord, ContainerState } from "../record.ts";
import { networkName } from "./mode.ts";
import { groupPorts } from "./port.ts";

/** `networkId`: of the network it is on. Its one endpoint, and its network namespace, bear the container's own id. */
export function networkView(state: ContainerState, networkId = ""): Record<string, unknown> {
  const running = state.status === "running";
  const { record } = state;
  const [endpoint] = running ? (record.run?.endpoints ?? []) : [];
  const place = {
    EndpointID: endpoint ? record.id : "",
    Gateway: endpoint?.ipv4?.gateway ?? "",
    GlobalIPv6Address: "",
    GlobalIPv6PrefixLen: 0,
    IPAddress: endpoint?.ipv4?.address ?? "",
    IPPrefixLen: endpoint?.ipv4?.prefixLength ?? 0,
    IPv6Gateway: "",
    MacAddress: endpoint?.mac ?? "",
  };
  const { spec } = record;
  const [attachment] = spec.attachments;
  return {
    Bridge: "",
    SandboxID: running ? record.id : "",
    SandboxKey: running ? `/proc/${state.pid}/ns/net` : "",
    Ports: asMap(endpoint ? portsView(record, endpoint.ports) : {}),
    HairpinMode: false,
    LinkLocalIPv6Address: "",
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    ...place,
    Networks: asMap(
      spec.network.mode === "container"
        ? {}
        : {
            [networkName(spec.network)]: {
              IPAMConfig: attachment?.ipv4 === undefined ? null : { IPv4Address: attachment.ipv4 },
              Links: null,
              Aliases: null,
              DriverOpts: null,
              GwPriority: 0,
              NetworkID: endpoint ? networkId : "",
              ...place,
              DNSNames: null,
            },
          },
    ),
  };
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
