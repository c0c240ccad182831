// A container's places on its networks: addresses, ports and links, chosen against the leases; and the plan that makes them.
import { existsSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import { placeNames } from "../../container/place-name.ts";
import type { ContainerRecord } from "../../container/record.ts";
import type { NetworkAttachment } from "../../container/spec/network.ts";
import type { ContainerSpec } from "../../container/spec.ts";
import { readLinkIndex } from "../../kernel/netlink/sysfs.ts";
import { type EndpointInput, planEndpoints, planLoopback } from "../../network/endpoint-plan.ts";
import { portsToPublish } from "../../network/expose.ts";
import { publishingPlace } from "../../network/gateway.ts";
import type { HostEnd } from "../../network/host-end.ts";
import { macOfText } from "../../network/mac.ts";
import { hostLinkName, namesOfBridge } from "../../network/name.ts";
import type { PublishedSide } from "../../network/port.ts";
import { addressesOf, type Endpoint } from "../../network/spec.ts";
import type { Operation } from "../../plan/operation.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Step } from "../../plan/step.ts";
import type { Database } from "../../store/database.ts";
import { takeAddress } from "../../store/lease.ts";
import type { NetworkRecord } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";
import { chooseAddresses } from "./endpoint-address.ts";
import { choosePorts } from "./published-port.ts";

/** A network, and what the container asks of it. */
export interface EndpointRequest {
  readonly network: NetworkRecord;
  readonly attachment: NetworkAttachment;
}

/** A network, and the container's place on it. */
export interface Place extends EndpointRequest {
  readonly endpoint: Endpoint;
}

/** Option of a driver of containers' links: the name of the link inside. */
export const linkNameOption = "com.docker.network.endpoint.ifname";

/** The link's name inside: the network's word for it and the first number that no other link of the container has. */
function linkNameOf({ network, attachment }: EndpointRequest, taken: readonly string[]): string {
  const asked = attachment.options?.[linkNameOption];
  if (asked !== undefined && taken.includes(asked)) throw linkTaken(asked);
  if (asked !== undefined) return asked;
  const numbers = new Set(taken.map((link) => /\d+$/.exec(link)?.[0]));
  let number = 0;
  while (numbers.has(`${number}`)) number++;
  return `${network.spec.linkPrefix ?? "eth"}${number}`;
}

const linkTaken = (link: string): TsnsError =>
  new TsnsError("conflict", "link-taken", `${linkNameOption}: the container has a link ${link} already`, {
    hint: "choose another name",
    exitCode: 125,
  });

/** A place without ports. Call inside the transaction that takes the leases. `previous`: what it had; `taken`: its other links. */
export function chooseEndpoint(
  engine: Engine,
  id: string,
  request: EndpointRequest,
  {
    startedMs,
    previous,
    taken = [],
  }: { readonly startedMs: number; readonly previous?: Endpoint | undefined; readonly taken?: readonly string[] },
): Endpoint {
  const { network, attachment } = request;
  if (network.spec.parent?.mode === "passthru") refuseSecond(engine, network.spec.name);
  const addresses = chooseAddresses(engine, network.spec, attachment, previous);
  const { driver = "bridge", name } = network.spec;
  if (driver === "ipvlan" && attachment.mac !== undefined) throw noOwnMac(name);
  return {
    network: network.spec.name,
    link: linkNameOf(request, taken),
    ...addresses,
    mac: driver === "ipvlan" ? "" : (attachment.mac ?? macOfText(addresses.ipv4?.address ?? addresses.ipv6?.address ?? "")),
    hostLink: driver === "bridge" ? hostLinkName(id, name, startedMs) : "",
    ports: [],
  };
}

/** macvlan's passthru gives all of the parent to one link. */
function refuseSecond(engine: Engine, network: string): void {
  const row = engine.store.get(
    "SELECT container.name AS holder FROM address_lease JOIN container ON container.id = address_lease.container WHERE network = ? LIMIT 1",
    network,
  );
  if (!row) return;
  throw new TsnsError(
    "conflict",
    "parent-taken",
    `network ${network}: in mode passthru it has room for one container, which is ${row.holder}`,
    {
      hint: "stop that one first, or make the network with macvlan_mode=bridge",
      exitCode: 125,
    },
  );
}

/** libnetwork's words. */
const noOwnMac = (network: string): TsnsError =>
  new TsnsError("invalid", "no-own-mac", "ipvlan interfaces do not support custom mac address assignment", {
    hint: `leave the hardware address of its link to ${network} out`,
    exitCode: 125,
  });

const gatewayPlace = ({ endpoint, network, attachment }: Place) => ({
  endpoint,
  ...network.spec,
  gatewayPriority: attachment.gatewayPriority ?? 0,
});

/** The network that a container's ports are published on; undefined where none can be. */
export const publishingNetwork = (places: readonly Place[]): string | undefined =>
  publishingPlace(places.map(gatewayPlace))?.endpoint.network;

/**
 * Chooses addresses and host ports of a start; call inside the transaction that takes the leases. Of `previous` it has again what is still
 * free. In the order of the requests.
 */
export function choosePlaces(
  engine: Engine,
  record: ContainerRecord,
  requests: readonly EndpointRequest[],
  startedMs: number,
  previous: readonly Endpoint[] = [],
): readonly Place[] {
  const places: Place[] = [];
  for (const request of requests) {
    const before = previous.find(({ network }) => network === request.network.spec.name);
    const taken = places.map(({ endpoint }) => endpoint.link);
    places.push({ ...request, endpoint: chooseEndpoint(engine, record.id, request, { startedMs, previous: before, taken }) });
  }
  const network = places.length === 0 ? undefined : publishingNetwork(places);
  if (network === undefined) return places;
  const before = previous.find(({ ports }) => ports.length > 0)?.ports;
  const publishing = places.find(({ endpoint }) => endpoint.network === network);
  const ports = publishing ? choosePorts(engine, portsToPublish(record.spec), publishedSide(publishing), before) : [];
  return places.map((place) => (place.endpoint.network === network ? { ...place, endpoint: { ...place.endpoint, ports } } : place));
}

/** How a place's ports are published. */
export function publishedSide({ endpoint, network }: Pick<Place, "endpoint" | "network">): PublishedSide {
  const { hostBinding, ipv6Relay } = network.spec;
  const relayed = endpoint.ipv6 === undefined && endpoint.ipv4 !== undefined && ipv6Relay === true;
  return {
    ipv4: endpoint.ipv4 !== undefined,
    ipv6: endpoint.ipv6 !== undefined || relayed,
    ...(relayed ? { relayed } : {}),
    ...(hostBinding === undefined ? {} : { hostBinding }),
  };
}

/** Takes the leases of a place; its names are those by which the name server finds it. */
export function takeAddresses(store: Database, record: ContainerRecord, endpoint: Endpoint): void {
  const { network } = endpoint;
  const names = placeNames(record, record.spec.attachments.find((attachment) => attachment.network === network) ?? { network });
  for (const address of addressesOf(endpoint)) takeAddress(store, { network, address, container: record.id, names });
}

/** What the Spec asks for at the host's end of its link to a network. */
export function hostEndOf({ privileged, spoofing, rate }: ContainerSpec, { linkLocal }: NetworkAttachment): HostEnd {
  return { spoofing: privileged || spoofing === "allowed", ...(linkLocal ? { linkLocal } : {}), ...(rate ? { rate } : {}) };
}

export interface Networking {
  readonly plan: Plan;
  readonly monitor: readonly Operation[];
  readonly init: readonly Operation[];
  /** Takes back after a kill what the monitor has made on the host. */
  readonly release?: Step;
}

/** What the plan of a place has to know, with the index that its bridge has now. */
export const inputOf = (spec: ContainerSpec, { network, endpoint, attachment }: Place): EndpointInput => ({
  network: network.spec,
  endpoint,
  names: namesOfBridge(network.spec.bridge),
  bridgeIndex: readLinkIndex(network.spec.bridge) ?? 0,
  hostEnd: hostEndOf(spec, attachment),
  gatewayPriority: attachment.gatewayPriority ?? 0,
});

export const hostHasIpv6 = (): boolean => existsSync("/proc/sys/net/ipv6");

/** The steps on the host and the operations inside. */
export function planNetworking(record: ContainerRecord, places: readonly Place[]): Networking {
  const { spec, id } = record;
  if (places.length > 0) {
    return planEndpoints({
      places: places.map((place) => inputOf(spec, place)),
      owner: id.slice(0, 12),
      ownUserNamespace: spec.userNamespace !== undefined,
      hasIpv6: hostHasIpv6(),
    });
  }
  if (spec.network.mode === "none" || spec.network.mode === "bridge") return { plan: { steps: [] }, ...planLoopback() };
  return { plan: { steps: [] }, monitor: [], init: [] };
}
